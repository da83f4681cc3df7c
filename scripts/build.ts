/** Compiles src/main.ts to dist/polycrate, or the path given: one executable for this machine that reads nothing of ours at run time. */

import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

const outfile = process.argv[2] ?? "dist/polycrate";
await mkdir(dirname(outfile), { recursive: true });
const folder = await mkdtemp(`${dirname(outfile)}/.build-`);
try {
  await Bun.build({
    entrypoints: ["src/main.ts"],
    compile: {
      outfile: `${folder}/polycrate`,
      // By default an executable obeys these files of the working directory, and so runs a foreign workspace's code.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
    minify: true,
    bytecode: true,
    format: "esm",
  });
  // Renamed, so that whoever runs the old one meanwhile keeps it.
  await rename(`${folder}/polycrate`, outfile);
} finally {
  await rm(folder, { recursive: true, force: true });
}
