import { toShell } from "../host/arg.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { textOf } from "../yaml/value.ts";

/** Returns the inputs of a run as words: `region=eu replicas=3`. */
export function inputsText({ inputs }: Pick<Transaction, "inputs">): string {
  return toShell(Array.from(inputs, ([name, value]) => `${name}=${textOf(value) ?? String(value)}`)).join(
    " ",
  );
}
