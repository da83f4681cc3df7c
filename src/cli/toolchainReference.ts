import { version } from "../version.ts";

/** The image that `toolchain build` makes. Not `latest`: a workspace that names it is to get what it was written for. */
export const toolchainReference = `polycrate-toolchain:${version}`;
