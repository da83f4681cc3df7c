import type { Arg } from "../host/arg.ts";

/** The names of polycrate's labels of containers and images. */
export type LabelName = "transaction" | "workspace" | "block" | "action" | "owner" | "parts";

/** Returns the key of a label, or with a value the label as docker's flags and filters take it. */
export function label(name: LabelName, value?: string): string {
  return value === undefined ? `polycrate.${name}` : `polycrate.${name}=${value}`;
}

/** True for a key that only polycrate can set. */
export function isOurLabel(key: string): boolean {
  return key.startsWith("polycrate.");
}

/**
 * Returns the flags that label a container. The owner is for the running process alone: a dry run does not print it.
 */
export function labelFlags(labels: readonly string[], ownerLabel: string): readonly Arg[] {
  return [...labels.map((one) => `--label=${one}`), { value: `--label=${ownerLabel}`, written: "" }];
}
