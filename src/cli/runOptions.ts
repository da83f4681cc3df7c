import { exitCodes, PolycrateError } from "../errors.ts";
import type { ImageOptions, RunOptions } from "../plan/runOptions.ts";
import { readDuration } from "../workspace/poly/schema/values.ts";
import type { CommandData } from "./parseArgs.ts";

/** What citty makes of the flags of an image. */
export type ImageArgs = {
  readonly image?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly build?: boolean | undefined;
  readonly pull?: "always" | "missing" | "never" | undefined;
};

/** What citty makes of the flags of a run; commands have some of them. */
export type RunArgs = ImageArgs & {
  readonly interactive?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  readonly timeout?: string | undefined;
  readonly "shell-on-failure"?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly output?: string | undefined;
  readonly "dry-run"?: boolean | undefined;
};

/** Returns what the command line says of the image. */
export function readImageOptions({ image, dockerfile, build, pull }: ImageArgs): ImageOptions {
  return { image, dockerfile, build, pull };
}

/** Returns what the command line says of a run. Throws (64) for a timeout that is not a duration. */
export function readRunOptions(args: RunArgs, { all, rest }: CommandData): RunOptions {
  return {
    ...readImageOptions(args),
    env: all("env"),
    mounts: all("mount"),
    arguments: rest,
    interactive: args.interactive,
    stdin: args.stdin,
    timeout: readTimeout(args.timeout),
    shellOnFailure: args["shell-on-failure"],
    yes: args.yes === true || args.force === true,
    dryRun: args["dry-run"] === true,
    report: args.output !== undefined,
  };
}

/** Seconds. Throws (64) on what is not a duration. */
function readTimeout(text: string | undefined): number | undefined {
  const seconds = text === undefined ? undefined : readDuration(text);
  if (text === undefined || seconds !== undefined) return seconds;
  throw new PolycrateError(`\`--timeout\` cannot be \`${text}\``, {
    hint: "write seconds, or a duration like `90s`, `5m` or `1h30m`",
    exitCode: exitCodes.wrongCommandLine,
  });
}
