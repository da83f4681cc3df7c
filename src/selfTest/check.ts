import type { TestContext } from "./testContext.ts";

/** Something that every engine must do for polycrate. */
export type Check = {
  readonly name: string;
  /** What is true when it passes. */
  readonly meaning: string;
  /** Returns why it failed; undefined when it passed. */
  readonly run: (context: TestContext) => Promise<string | undefined>;
};

/** How a check ended; `cause` is why it failed or was skipped. */
export type CheckOutcome = {
  readonly check: string;
  readonly status: "ok" | "failed" | "skipped";
  readonly meaning: string;
  readonly cause: string | undefined;
};

/** Returns the first cause of several. */
export function firstOf(...causes: readonly (string | undefined)[]): string | undefined {
  return causes.find((cause) => cause !== undefined);
}
