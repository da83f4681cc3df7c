import { availableParallelism } from "node:os";
import type { ArgsDef } from "citty";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { OutputStyle } from "./output/graph/stepMessages.ts";

/** How the steps of a graph are run and shown. */
export type GraphFlags = {
  readonly jobs: number;
  readonly failFast: boolean;
  readonly style: OutputStyle;
};

/** The flags of a workflow; those about steps that run at once change nothing where they run in order. */
export const workflowFlags = {
  step: { type: "string", valueHint: "NAME", description: "Run only this step of the workflow." },
  "from-step": {
    type: "string",
    valueHint: "NAME",
    description: "Start the workflow at this step: run it and the steps that come after it.",
  },
  matrix: {
    type: "string",
    valueHint: "NAME=VALUE",
    description: "With --step: run only the combinations that have this value. May be repeated.",
  },
  jobs: {
    type: "string",
    alias: "j",
    valueHint: "N",
    description: "Run at most N steps at the same time. Default: the number of processors.",
  },
  "output-style": {
    type: "enum",
    options: ["prefix", "grouped"],
    description:
      "Show steps that run at the same time line by line, or one after the other, which is the default in CI.",
  },
  "fail-fast": { type: "boolean", description: "Stop all other steps after the first failure." },
} as const satisfies ArgsDef;

/** Returns what the flags say. Throws (64) for a number of jobs that is not one. */
export function readGraphFlags(
  args: {
    readonly jobs?: string | undefined;
    readonly "fail-fast"?: boolean | undefined;
    readonly "output-style"?: OutputStyle | undefined;
  },
  environment: Readonly<Record<string, string | undefined>>,
): GraphFlags {
  const isCi = !/^(?:|0|false)$/i.test(environment.CI ?? "");
  return {
    jobs: readJobs(args.jobs),
    failFast: args["fail-fast"] === true,
    style: args["output-style"] ?? (isCi ? "grouped" : "prefix"),
  };
}

function readJobs(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new PolycrateError(`invalid value \`${text}\` for \`--jobs\``, {
    hint: "use a whole number from 1 on",
    exitCode: exitCodes.wrongCommandLine,
  });
}
