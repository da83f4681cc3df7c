import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";

/**
 * Compiles src/main.ts to an executable that reads nothing of ours at run time, for this machine or a target of bun's.
 * Equal sources, target and file name give equal bytes, since the name goes into them.
 */
export async function compile(outfile: string, target?: Bun.Build.CompileTarget): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  const folder = await mkdtemp(`${dirname(outfile)}/.build-`);
  const made = `${folder}/${basename(outfile)}`;
  try {
    await Bun.build({
      entrypoints: ["src/main.ts"],
      compile: {
        outfile: made,
        ...(target === undefined ? {} : { target }),
        // By default an executable obeys these files of the working directory, and so runs a foreign workspace's code.
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadTsconfig: false,
        autoloadPackageJson: false,
      },
      define: { POLYCRATE_SOURCES: JSON.stringify(await hashOfSources()) },
      minify: true,
      bytecode: true,
      format: "esm",
    });
    // Renamed, so that whoever runs the old one meanwhile keeps it.
    await rename(made, outfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that decides what the program makes of a file. */
async function hashOfSources(): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const files = ["package.json", "bun.lock", ...[...new Bun.Glob("src/**/*.ts").scanSync()].sort()];
  for (const file of files) hasher.update(`${file}\0${await Bun.file(file).text()}\0`);
  return hasher.update(Bun.version).digest("hex");
}
