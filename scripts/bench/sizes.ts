import { readFileSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { type Bench, counted, type SectionPlan } from "./section.ts";

/** Measures the size of the download, and its size on disk. */
export async function planSizes(bench: Bench): Promise<SectionPlan> {
  const [hello = ""] = bench.hello.argv;
  const archive = gzipSync(readFileSync(bench.executable), { level: 9 }).length;
  return {
    turns: [],
    section: () => ({
      title: "sizes",
      rows: [
        counted("executable", statSync(bench.executable).size, "bytes"),
        counted("executable, compressed as in a release", archive, "bytes"),
        counted("a compiled hello world", statSync(hello).size, "bytes"),
      ],
    }),
  };
}
