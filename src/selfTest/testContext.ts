import { homedir } from "node:os";
import type { Engine } from "../engine/engine.ts";
import { collect, type ProgramOutput, startProcess } from "../host/process.ts";
import type { Host } from "../host/stdio.ts";
import { buildId } from "../version.ts";
import { blockName, secretVariable } from "./testFolder.ts";

/** What the checks work with. */
export type TestContext = {
  readonly engine: Engine;
  readonly host: Host;
  /** The folder of both workspaces. */
  readonly folder: string;
  /** The workspace whose actions run as the caller. */
  readonly workspace: string;
  readonly secret: string;
  /** Starts polycrate on a workspace, as its users do: in a process of its own. */
  readonly start: (words: readonly string[], options?: TestRunOptions) => TestRun;
  /** Runs a script with the shell of this machine, in the workspace. */
  readonly runScript: (script: string) => Promise<TestResult>;
  /** Ends what is running; a second call does nothing more. */
  readonly stop: () => void;
};

type TestRunOptions = {
  /** Default: `workspace`. */
  readonly workspace?: string;
  /** Default: nothing. */
  readonly input?: string | "open";
  /** Milliseconds after which it is killed. Default: half a minute. */
  readonly limit?: number;
};

/** A polycrate that runs. */
export type TestRun = {
  readonly ended: Promise<TestResult>;
  /** Resolves with true when the text is on standard output, and with false when the run ends without it. */
  readonly prints: (text: string) => Promise<boolean>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly closeInput: () => void;
};

/** What a run has printed, and its exit code. */
export type TestResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Returns the context for the workspaces in a folder. */
export function testContext(engine: Engine, host: Host, folder: string): TestContext {
  const secret = `secret-${crypto.randomUUID()}`;
  const workspace = `${folder}/caller`;
  const environment = environmentFor(engine, host, folder, secret);
  const running = new Set<TestRun>();
  let stopped = false;
  const startIn = (args: readonly string[], directory: string, options: TestRunOptions) => {
    const run = startRun(args, directory, environment, options);
    running.add(run);
    void run.ended.then(() => running.delete(run));
    if (stopped) run.signal("SIGTERM");
    return run;
  };
  const start: TestContext["start"] = (words, options = {}) =>
    startIn([...ownProgram(), ...words], options.workspace ?? workspace, options);
  const runScript = (script: string) => startIn(["sh"], workspace, { input: script }).ended;
  const stop = () => {
    stopped = true;
    for (const run of running) run.signal("SIGTERM");
  };
  return { engine, host, folder, workspace, secret, start, runScript, stop };
}

/** Returns the words that run an action. */
export function actionWords(action: string, ...flags: readonly string[]): readonly string[] {
  return ["run", blockName, action, ...flags];
}

/** Runs a command of polycrate to its end. */
export function runToEnd(
  { start }: TestContext,
  words: readonly string[],
  options?: TestRunOptions,
): Promise<TestResult> {
  return start(words, options).ended;
}

/** Returns why a run that should end with that code did not; undefined when it did. */
export function wrongEnd({ exitCode, stderr }: TestResult, expected = 0): string | undefined {
  if (exitCode === expected) return undefined;
  return `polycrate ended with exit code ${exitCode} instead of ${expected}${lastWords(stderr)}`;
}

/** Returns the error that was printed, for the end of a sentence. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const error = lines.findLast((line) => line.startsWith("error: ")) ?? lines.at(-1) ?? "";
  return error === "" ? "" : `: ${error.replace("error: ", "")}`;
}

/** Returns the text without the paths of this machine, for a bug report. */
export function withoutPaths(text: string, folder: string): string {
  return text.replaceAll(folder, "FOLDER").replaceAll(homedir(), "~");
}

/** The reports and questions that a CI system or a collector of spans is sent are not for these runs. */
function environmentFor(
  { program, endpoint: { context } }: Engine,
  { environment }: Host,
  folder: string,
  secret: string,
): Host["environment"] {
  const ofEngine = {
    POLYCRATE_ENGINE: program,
    ...(context === undefined ? {} : { DOCKER_CONTEXT: context, DOCKER_HOST: undefined }),
  };
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(?:CI$|GITHUB_|GITLAB_|CI_|OTEL_|TRACE|POLYCRATE_)/.test(name),
  );
  const own = { XDG_CACHE_HOME: `${folder}/cache`, POLYCRATE_TRUST: "1", [secretVariable]: secret };
  return { ...Object.fromEntries(kept), ...ofEngine, ...own };
}

/** From sources, the program is bun, and its first argument the file. */
function ownProgram(): readonly string[] {
  return buildId === undefined ? [process.execPath, Bun.main] : [process.execPath];
}

function startRun(
  args: readonly string[],
  directory: string,
  environment: Host["environment"],
  { input = "", limit = 30_000 }: TestRunOptions,
): TestRun {
  const { stdin, ...running } = startProcess(args, { directory, environment, input: "piped" });
  const stdout = printedText(running.stdout);
  const stderr = collect(running.stderr);
  if (input !== "open") void stdin?.write(Buffer.from(input)).then(stdin.end);
  const timer = setTimeout(() => running.signal("SIGKILL"), limit);
  const ended = Promise.all([running.ended, stdout.whole, stderr]).then(([exitCode, out, err]) => {
    clearTimeout(timer);
    return { exitCode, stdout: out, stderr: err };
  });
  return { ended, prints: stdout.includes, signal: running.signal, closeInput: () => void stdin?.end() };
}

/** What a program prints, as a whole at its end, and whether it includes a text as soon as that is known. */
function printedText(output: ProgramOutput) {
  const waiting = new Map<string, (found: boolean) => void>();
  let text = "";
  const read = async (): Promise<string> => {
    for await (const chunk of output) {
      text += Buffer.from(chunk).toString("latin1");
      for (const [wanted, resolve] of waiting) if (text.includes(wanted)) resolve(true);
    }
    return Buffer.from(text, "latin1").toString();
  };
  const whole = read();
  const includes = (wanted: string) =>
    Promise.race([
      new Promise<boolean>((resolve) => {
        if (text.includes(wanted)) resolve(true);
        else waiting.set(wanted, resolve);
      }),
      whole.then((all) => all.includes(wanted)),
    ]);
  return { whole, includes };
}
