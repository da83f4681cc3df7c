import { resolve } from "node:path";
import { call, type Result } from "./harness.ts";

/** The folder of the sources that start programs and open files, for scripts that import them. */
export const host = resolve(import.meta.dir, "../../src/host");

/** Runs a program of TypeScript in a process of its own, in the folder; `before` are words to put before bun's. */
export async function runScript(
  text: string,
  directory: string,
  before: readonly string[] = [],
): Promise<Result> {
  return call([...before, process.execPath, "--eval", text], { directory });
}

/**
 * Runs `action` in a process in which each call of a function of node:fs is preceded by the function of that name in `first`:
 * what another process would do at that moment. `files` has the functions of host/files.ts, filesBelow.ts and removal.ts there; the message of an error is printed.
 */
export async function runAfter(first: string, action: string, directory: string): Promise<Result> {
  return runScript(
    `import * as real from "node:fs";
     import { mock } from "bun:test";
     const fs = { ...real };
     const first = ${first};
     mock.module("node:fs", () => Object.fromEntries(Object.entries(fs).map(([name, value]) =>
       [name, first[name] === undefined ? value : (...words) => { first[name](...words); return value(...words); }])));
     const modules = ["files", "filesBelow", "removal"].map((name) => import(\`${host}/\${name}.ts\`));
     const files = Object.assign({}, ...(await Promise.all(modules)));
     try { ${action} } catch (error) { console.log(error.message); }`,
    directory,
  );
}
