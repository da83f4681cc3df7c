import { parseArgs } from "citty";
import { checkCommandLine } from "./commands/commandLine.ts";
import { commands } from "./commands/commands.ts";
import { commandHelp, overview } from "./commands/help.ts";
import { didYouMean, exitCodes, PolycrateError, printable } from "./errors.ts";
import { version } from "./version.ts";

/** Runs the command line and returns the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  if (
    first === undefined ||
    first === "--help" ||
    first === "-h" ||
    (first === "help" && rest.length === 0)
  ) {
    process.stdout.write(overview());
    return first === undefined ? exitCodes.wrongCommandLine : 0;
  }
  if (first === "--version" || first === "-v") return runCommand("version", []);
  if (first === "help") return showHelp(rest[0] ?? "");
  const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (own.includes("--help") || own.includes("-h")) return showHelp(first);
  return runCommand(first, rest);
}

async function showHelp(name: string): Promise<number> {
  process.stdout.write(commandHelp(name, await loadCommand(name)));
  return 0;
}

async function runCommand(name: string, words: readonly string[]): Promise<number> {
  const command = await loadCommand(name);
  const definition = await (typeof command.args === "function" ? command.args() : (command.args ?? {}));
  const checked = checkCommandLine(name, definition, words);
  const rawArgs = [...checked.words];
  const args = parseArgs(rawArgs, definition);
  const result: unknown = await command.run?.({ args, rawArgs, cmd: command, data: checked.data });
  return typeof result === "number" ? result : 0;
}

async function loadCommand(name: string) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return (await command.load()).default;
  throw new PolycrateError(`there is no command \`${name}\``, {
    hint: didYouMean(name, Object.keys(commands)) ?? "`polycrate help` shows them all",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** Says what went wrong on standard error, and returns the exit code that belongs to it. */
function report(error: unknown): number {
  if (error instanceof PolycrateError) {
    const hint = error.hint === undefined ? "" : `\nhint: ${printable(error.hint)}`;
    process.stderr.write(`error: ${printable(error.message, true)}${hint}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `error: this is a bug in polycrate ${version}\n${stack}\nhint: please report it with the command you ran\n`,
  );
  return exitCodes.bug;
}

const exitCode = await main(process.argv.slice(2)).catch(report);
// A write to a terminal or pipe that nobody reads would keep the program alive after a signal.
process.exit(exitCode);
