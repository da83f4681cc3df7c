import type { ClientProgram } from "../engine/engine.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { ImageOptions, RunOptions } from "../plan/runOptions.ts";
import { readDuration } from "../workspace/poly/schema/values.ts";
import { anyDuration } from "./flags.ts";
import type { CommandData } from "./parseArgs.ts";

/** The image flags, as citty parses them. */
export type ImageArgs = {
  readonly image?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly build?: boolean | undefined;
  readonly pull?: "always" | "missing" | "never" | undefined;
  readonly locked?: boolean | undefined;
};

/** The flags of a run, as citty parses them; commands have some of them. */
export type RunArgs = ImageArgs & {
  readonly engine?: ClientProgram | undefined;
  readonly context?: string | undefined;
  readonly interactive?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  readonly timeout?: string | undefined;
  readonly warm?: string | undefined;
  readonly "shell-on-failure"?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly output?: string | undefined;
  readonly "dry-run"?: boolean | undefined;
};

/** Returns the image options of a command line. */
export function readImageOptions({ image, dockerfile, build, pull, locked }: ImageArgs): ImageOptions {
  return { image, dockerfile, build, pull, locked };
}

/** Returns the run options of a command line, without inputs of an action. Throws (64) for a timeout that is not a duration. */
export function readRunOptions(args: RunArgs, { all, rest }: CommandData): RunOptions {
  return {
    ...readImageOptions(args),
    engine: args.engine,
    context: args.context,
    env: all("env"),
    mounts: all("mount"),
    arguments: rest,
    inputs: [],
    interactive: args.interactive,
    stdin: args.stdin,
    timeout: readTimeout(args.timeout),
    warm: readWarm(args.warm, process.env.POLYCRATE_WARM),
    shellOnFailure: args["shell-on-failure"],
    yes: args.yes === true || args.force === true,
    dryRun: args["dry-run"] === true,
    report: args.output !== undefined,
  };
}

/** The variable is the flag's default, of which the user is not reminded. Throws (64) for what is not a duration. */
function readWarm(flag: string | undefined, variable: string | undefined): RunOptions["warm"] {
  const isFlag = flag !== undefined;
  const text = flag ?? variable ?? "";
  if (text === "") return undefined;
  const seconds = text === anyDuration ? undefined : readDuration(text);
  if (seconds !== undefined || text === anyDuration) return { seconds, isFlag };
  throw new PolycrateError(`invalid value \`${text}\` for \`${isFlag ? "--warm" : "POLYCRATE_WARM"}\``, {
    hint: "use a duration like `90s`, `15m` or `1h`; `0` is never",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** In seconds. Throws (64) if the text is not a duration. */
function readTimeout(text: string | undefined): number | undefined {
  const seconds = text === undefined ? undefined : readDuration(text);
  if (text === undefined || seconds !== undefined) return seconds;
  throw new PolycrateError(`invalid value \`${text}\` for \`--timeout\``, {
    hint: "use a number of seconds, or a duration like `90s`, `5m` or `1h30m`",
    exitCode: exitCodes.wrongCommandLine,
  });
}
