import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";

export type CompileOptions = {
  /** Default: this machine. */
  readonly target?: Bun.Build.CompileTarget;
  /** Default: polycrate itself. */
  readonly entrypoint?: string;
};

/**
 * Compiles polycrate to an executable that reads nothing of ours at run time. Equal sources, target and file name give equal
 * bytes, since the name goes into them.
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
