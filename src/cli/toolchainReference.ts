import { version } from "../version.ts";

/** The image that `toolchain build` builds. Not `latest`, so that a workspace keeps the version it was written for. */
export const toolchainReference = `polycrate-toolchain:${version}`;
