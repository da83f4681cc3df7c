import manifest from "../package.json" with { type: "json" };

/** polycrate's version, as `package.json` has it. */
export const version: string = manifest.version;

/** Identifies this build: the version and a hash of the sources, set at compile time; undefined when the sources are run. */
export const buildId: string | undefined =
  typeof POLYCRATE_SOURCES === "undefined" ? undefined : `${version} ${POLYCRATE_SOURCES}`;

declare const POLYCRATE_SOURCES: string;
