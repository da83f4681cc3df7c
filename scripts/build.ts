/** Compiles polycrate for this machine to dist/polycrate, or the path given. */

import { compile } from "./compile.ts";

await compile(process.argv[2] ?? "dist/polycrate");
