import { parseArgs } from "citty";
import { readCommandLine } from "./cli/aliases.ts";
import { commandHelp, helpColumns, overview } from "./cli/help.ts";
import { checkCommandLine } from "./cli/parseArgs.ts";
import { commands } from "./cli/registry.ts";
import { exitCodes, locatedMessage, PolycrateError, printable } from "./errors.ts";
import { cannotWrite } from "./host/fileErrors.ts";
import { isReaderGone, stderr, stdout } from "./host/output.ts";
import { cancellationBy, type StopSignal, stopSignals } from "./run/cancellation.ts";
import { version } from "./version.ts";

/** Runs the command line and returns the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const [first] = words;
  if (first === undefined) return await showOverview(exitCodes.wrongCommandLine);
  if (first === "--version" || first === "-v") return runCommand("version", []);
  if (isHelp(first)) return showOverview(0);
  const { name, rest } = await readCommandLine(commands, words);
  const dashes = rest.indexOf("--");
  return rest.slice(0, dashes < 0 ? undefined : dashes).some(isHelp)
    ? showHelp(name, rest)
    : runCommand(name, rest);
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

async function showOverview(exitCode: number): Promise<number> {
  const { topicNames } = await import("./cli/topics/topics.ts");
  stdout.write(overview(commands, topicNames, helpColumns(stdout)));
  return exitCode;
}

async function showHelp(name: string, words: readonly string[]): Promise<number> {
  const command = await loadCommand(name);
  const columns = helpColumns(stdout);
  // Only the names of an action are worth loading the workspace for.
  const named = words.filter((word) => !word.startsWith("-"));
  const action =
    name === "run" && named.length >= 2
      ? await (await import("./cli/actionHelp.ts")).actionHelp(command, words, columns)
      : undefined;
  stdout.write(action ?? commandHelp(name, command, columns));
  return 0;
}

async function runCommand(name: string, words: readonly string[]): Promise<number> {
  const command = await loadCommand(name);
  const definition = await (typeof command.args === "function" ? command.args() : (command.args ?? {}));
  const inputs = commands[name]?.takesInputs === true ? "not known yet" : undefined;
  const checked = checkCommandLine(name, definition, words, inputs);
  const rawArgs = [...checked.words];
  const args = parseArgs(rawArgs, definition);
  const result: unknown = await command.run?.({
    args,
    rawArgs,
    cmd: command,
    data: { ...checked.data, outputs, cancellation, onSignal, commands },
  });
  return typeof result === "number" ? result : 0;
}

async function loadCommand(name: string) {
  const command = commands[name];
  if (command === undefined) throw new Error(`the table of commands has no ${name}`);
  return (await command.load()).default;
}

/** Prints the error on standard error and returns its exit code. */
function report(error: unknown): number {
  if (error instanceof PolycrateError) {
    const hint = error.hint === undefined ? "" : `\nhint: ${printable(error.hint)}`;
    stderr.write(`error: ${printable(locatedMessage(error), true)}${hint}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(
    `error: this is a bug in polycrate ${version}\n${stack}\nhint: please report it, with the command you ran\n`,
  );
  return exitCodes.bug;
}

/** Reports that standard output could not be written, unless its reader is gone, and returns the exit code. */
function reportLoss(error: Error): number {
  if (isReaderGone(error)) return exitCodes.readerGone;
  return report(cannotWrite("standard output", error));
}

/** Outside of a run there are no listeners, and a signal ends the program. */
function onSignal(listener: (name: StopSignal) => void): () => void {
  const handlers = stopSignals.map((name) => {
    const handler = () => listener(name);
    process.on(name, handler);
    return () => void process.off(name, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}

// A umask that removes the caller's own permissions would create folders that cannot be written.
process.umask(process.umask() & ~0o700);
const outputs = { stdout, stderr };
const cancellation = cancellationBy({ onSignal, outputs: Object.values(outputs) });
const exitCode = await main(process.argv.slice(2)).catch(report);
const lost = await outputs.stdout.end();
const lossCode = lost === undefined ? 0 : reportLoss(lost);
await outputs.stderr.end();
// A terminal or pipe that a stopped run abandoned would keep the program alive.
process.exit(exitCode === 0 ? lossCode : exitCode);
