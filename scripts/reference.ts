/** Writes the generated reference into README.md, between its markers; with `--check` it exits with 1 if it is outdated. */

import { readFileSync, writeFileSync } from "node:fs";
import { renderReference } from "../src/workspace/poly/keyReference.ts";

const path = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? "README.md";
const [begin, end] = ["<!-- reference:begin -->", "<!-- reference:end -->"];

const text = readFileSync(path, "utf8");
const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
if (start < 0 || stop < start) throw new Error(`${path} has no ${begin} and ${end}`);
const current = `${text.slice(0, start + begin.length)}\n\n${renderReference()}\n\n${text.slice(stop)}`;
if (current === text) process.exit(0);
if (process.argv.includes("--check")) {
  process.stderr.write(
    `error: the reference in ${path} is outdated\nhint: run \`bun scripts/reference.ts\`\n`,
  );
  process.exit(1);
}
writeFileSync(path, current);
