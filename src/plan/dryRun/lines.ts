import { type Arg, quote, toShell } from "../../host/arg.ts";
import type { StepVariable } from "../stepVariable.ts";

/** Returns the lines with a text added to the last of them. */
export function withLast(lines: readonly string[], ending: string): readonly string[] {
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""}${ending}`];
}

/** Returns the line that sets a variable. Command substitution removes trailing line feeds; an `x` after them preserves them and is then removed. */
export function variableLine({ name, from }: StepVariable): string {
  if ("streams" in from) return `${name}=0; [ ! /dev/fd/1 -ef /dev/fd/2 ] || ${name}=1; export ${name}`;
  if ("written" in from) return `${name}=${from.written}; export ${name}`;
  if ("variable" in from) return `${name}=\${${from.variable}?}; export ${name}`;
  return `${name}=$(cat ${argument(from.file)} && printf x); ${name}=\${${name}%x}; export ${name}`;
}

/** Returns the lines of a command: one flag a line, so that the command is easy to read, edit and compare. */
export function commandLines(argv: readonly Arg[]): readonly string[] {
  const words = toShell(argv);
  // What comes before the subcommand stays with it.
  const subcommand = words.findIndex((word, index) => index > 0 && !word.startsWith("--"));
  const flag = words.findIndex((word, index) => index > subcommand && word.startsWith("--"));
  if (subcommand < 0 || flag < 0) return [words.join(" ")];
  const rest = words.slice(flag);
  return [
    `${words.slice(0, flag).join(" ")} \\`,
    ...rest.map((word, index) => `  ${word}${index === rest.length - 1 ? "" : " \\"}`),
  ];
}

/** Returns the path as a word of a command; a path that starts with a dash would be read as an option. */
export function argument(path: string): string {
  return quote(path.startsWith("-") ? `./${path}` : path);
}
