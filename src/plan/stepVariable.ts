import type { SecretSource } from "../workspace/environment.ts";

/**
 * A variable of a step's process, and how the printed script gets its value: `streams` is 1 when standard output and standard
 * error are one file, else 0.
 */
export type StepVariable = {
  readonly name: string;
  readonly value: string;
  readonly from: SecretSource | { readonly streams: true };
};
