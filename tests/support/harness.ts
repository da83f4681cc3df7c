import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

/** The compiled executable, which is what is tested. */
export const executable =
  process.env.POLYCRATE_TEST_EXECUTABLE ?? resolve(import.meta.dir, "../../dist/polycrate");

/** An image of static busybox and bash, made by the set-up script without any registry. */
export const busybox = "polycrate-test:busybox";

export type Result = { readonly stdout: string; readonly stderr: string; readonly exitCode: number };

export type CallOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
};

/** A folder with files in it, gone after the test: `using workspace = makeFolder({...})`. */
export type Folder = Disposable & {
  readonly path: string;
  readonly run: (words: readonly string[], options?: CallOptions) => Promise<Result>;
  readonly read: (path: string) => string;
  readonly write: (path: string, content: string) => void;
  /** All paths below the folder that a glob names. */
  readonly glob: (pattern: string) => readonly string[];
  /** The finished records of the workspace, oldest first. */
  readonly records: () => readonly Readonly<Record<string, unknown>>[];
};

/** Makes a folder with these files; `name` goes into its path. */
export function makeFolder(files: Readonly<Record<string, string>>, name = "polycrate-test"): Folder {
  const parent = mkdtempSync(join(tmpdir(), "polycrate-test-"));
  const path = join(parent, name);
  mkdirSync(path);
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  };
  for (const [file, content] of Object.entries(files)) write(file, content);
  const glob = (pattern: string) => [...new Bun.Glob(pattern).scanSync({ cwd: path, dot: true })].sort();
  const read = (file: string) => readFileSync(join(path, file), "utf8");
  return {
    path,
    write,
    read,
    glob,
    run: (words, options) => call([executable, ...words], { ...options, directory: path }),
    records: () => glob(".logs/[0-9]*/**/*.yml").map((file) => parse(read(file))),
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** Runs a program to its end and returns all that it printed. `CI` is unset unless the test sets it. */
export async function call(
  words: readonly string[],
  { directory, env, input }: CallOptions & { readonly directory?: string } = {},
): Promise<Result> {
  const child = Bun.spawn([...words], {
    cwd: directory ?? tmpdir(),
    env: { ...process.env, CI: undefined, POLYCRATE_WORKSPACE: undefined, ...env },
    stdin: input === undefined ? "ignore" : new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** The files below a folder, names only. */
export function namesIn(path: string): readonly string[] {
  return readdirSync(path).sort();
}

/** A workspace file with one inline block `b`, whose actions run in the busybox image. */
export function workspaceWith(actions: string, container = ""): string {
  return `name: test-workspace
config:
  container:
    image: ${busybox}
${indent(container, 4)}
blocks:
  - name: b
    actions:
${indent(actions, 6)}
`;
}

/** Returns the text with every line moved to the right. */
export function indent(text: string, by: number): string {
  return text
    .replace(/^\n|\s+$/g, "")
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n");
}
