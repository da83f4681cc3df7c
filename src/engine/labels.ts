import type { Arg } from "../host/arg.ts";

/** The names of polycrate's labels of containers and images. */
export type LabelName =
  | ("transaction" | "workspace" | "block" | "action" | "owner" | "cache" | "warm" | "parts" | "delivery")
  | ("block.version" | "blocks.checksum" | "block.format");

const meanings: Readonly<Record<LabelName, string>> = {
  transaction: "The id of the run, on its container.",
  workspace: "The path of the workspace, on containers, volumes and images.",
  block: "The name of the block.",
  action: "The name of the action.",
  owner: "The host, pid and start time of the polycrate process that started the container.",
  cache: "The name of the cache, on its volume.",
  warm: "The seconds for which a warm container is kept after its last run.",
  delivery: "`copy` on a container that was sent its files, and that has those of its action to be fetched.",
  parts: "The parts of a toolchain image.",
  "block.version": "The version of the block in the image of a block.",
  "blocks.checksum": "The checksum of its folder where it was pushed, as the Go program computes it.",
  "block.format": "How the files are in the image of a block: `1` for files at the root of one layer.",
};

/** The meaning of each label, by its key, for the manual. */
export const labelMeanings: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(meanings).map(([name, meaning]) => [`polycrate.${name}`, meaning]),
);

/** Returns the key of a label, or with a value the label as docker's flags and filters take it. */
export function label(name: LabelName, value?: string): string {
  return value === undefined ? `polycrate.${name}` : `polycrate.${name}=${value}`;
}

/** True for a key that only polycrate can set. */
export function isOurLabel(key: string): boolean {
  return key.startsWith("polycrate.");
}

/**
 * Returns the flags that label a container. The owner label identifies the running process, so a dry run does not print it.
 */
export function labelFlags(labels: readonly string[], ownerLabel: string): readonly Arg[] {
  return [...labels.map((one) => `--label=${one}`), { value: `--label=${ownerLabel}`, written: "" }];
}
