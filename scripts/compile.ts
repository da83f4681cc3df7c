import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";

export type CompileOptions = {
  /** Default: this machine. */
  readonly target?: Bun.Build.CompileTarget;
  /** Default: polycrate itself. */
  readonly entrypoint?: string;
};

/**
 * Compiles polycrate to an executable that needs no other files. Builds are reproducible for equal sources, target and file
 * name, which is part of the executable.
 */
export async function compile(outfile: string, { target, entrypoint }: CompileOptions = {}): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  const folder = await mkdtemp(`${dirname(outfile)}/.build-`);
  const made = `${folder}/${basename(outfile)}`;
  try {
    await Bun.build({
      entrypoints: [entrypoint ?? "src/main.ts"],
      compile: {
        outfile: made,
        ...(target === undefined ? {} : { target }),
        // By default an executable loads these files from the working directory, which would run a foreign workspace's code.
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadTsconfig: false,
        autoloadPackageJson: false,
      },
      define: { POLYCRATE_SOURCES: JSON.stringify(await hashOfSources()) },
      // A command loads only what it needs; in one file each command would load everything.
      splitting: true,
      minify: true,
      bytecode: true,
      format: "esm",
    });
    // Renamed, so that processes that run the old executable keep it.
    await rename(made, outfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Identifies the build: a hash of everything that affects how polycrate reads a file. */
async function hashOfSources(): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const files = ["package.json", "bun.lock", ...[...new Bun.Glob("src/**/*.ts").scanSync()].sort()];
  for (const file of files) hasher.update(`${file}\0${await Bun.file(file).text()}\0`);
  return hasher.update(Bun.version).digest("hex");
}
