import { sha256 } from "../image/digest.ts";
import type { LockEntry } from "../registry/lock.ts";
import { toolchainFiles } from "./files.ts";
import { downloads } from "./tools.ts";

/** Returns what a lock file says of the toolchain image of that name: the hash of its recipe, and those of its downloads. */
export function toolchainEntries(name: string): readonly LockEntry[] {
  const recipe = JSON.stringify(toolchainFiles.map(({ path, mode, content }) => [path, mode, content]));
  return [
    { kind: "toolchain", name, digest: `sha256:${sha256(Buffer.from(recipe))}` },
    ...downloads.map(({ tool, version, architecture, sha256: content }): LockEntry => {
      return { kind: "tool", name: `${tool}:${version}-${architecture}`, digest: `sha256:${content}` };
    }),
  ];
}
