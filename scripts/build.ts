/** Compiles src/main.ts to dist/polycrate, one executable for this machine that reads nothing of ours at run time. */

import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";

await mkdir("dist", { recursive: true });
const folder = await mkdtemp("dist/.build-");
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
  await rename(`${folder}/polycrate`, "dist/polycrate");
} finally {
  await rm(folder, { recursive: true, force: true });
}
