import { exitCodes, PolycrateError } from "../errors.ts";
import { readDockerFlags } from "./dockerFlags.ts";

/** What is wrong with the entry of `docker_flags` at `index`. */
export type FlagProblem = {
  readonly index: number;
  readonly message: string;
  readonly hint: string | undefined;
};

/** Returns all that is wrong with the entries, wherever they are run: a variable counts as set. */
export function dockerFlagProblems(entries: readonly string[]): readonly FlagProblem[] {
  const problem = firstProblem(entries);
  if (problem === undefined) return [];
  const next = problem.index + 1;
  // A value that stands in an entry of its own goes with its flag.
  const skipped = entries[next]?.startsWith("-") === false ? next + 1 : next;
  const after = dockerFlagProblems(entries.slice(skipped));
  return [
    // All entries are split before any flag is looked at, so an earlier one can have a problem too.
    ...dockerFlagProblems(entries.slice(0, problem.index)),
    problem,
    ...after.map((other) => ({ ...other, index: other.index + skipped })),
  ];
}

const surroundings = {
  uid: 1000,
  gid: 1000,
  home: "/home",
  directory: "/workspace",
  // A flag by itself, and as good a value as any.
  environment: new Proxy<Record<string, string>>({}, { get: () => "--label=variable" }),
};

function firstProblem(entries: readonly string[]): FlagProblem | undefined {
  try {
    readDockerFlags(entries, surroundings);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolycrateError) || error.exitCode !== exitCodes.invalidWorkspace) throw error;
    const index = entries.findIndex((entry) => error.message.endsWith(` (in \`${entry}\`)`));
    const entry = entries[index];
    const message =
      entry === undefined ? error.message : error.message.slice(0, -` (in \`${entry}\`)`.length);
    return { index: Math.max(0, index), message, hint: error.hint };
  }
}
