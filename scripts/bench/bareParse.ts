/** Reads and parses every `.poly` file below the given folder with plain yaml, as a baseline. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const folder = process.argv[2] ?? ".";
for (const file of new Bun.Glob("**/*.poly").scanSync(folder))
  parse(readFileSync(join(folder, file), "utf8"));
