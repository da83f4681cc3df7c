import manifest from "../package.json" with { type: "json" };

/** polycrate's version, as `package.json` has it. */
export const version: string = manifest.version;

/** Names this very program: a hash over its sources, which compiling puts in; undefined when the sources run as they are. */
export const buildId: string | undefined =
  typeof POLYCRATE_SOURCES === "undefined" ? undefined : `${version} ${POLYCRATE_SOURCES}`;

declare const POLYCRATE_SOURCES: string;
