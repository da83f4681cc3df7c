import { printable } from "../errors.ts";
import { pathBelow, type SourceRoot } from "./sourceRoot.ts";

/** What GitHub shows beside a line of a file. */
export type Annotation = {
  readonly severity: "error" | "warning";
  readonly title: string;
  readonly message: string;
  /** The file relative to the workspace, or absolute outside of it. */
  readonly at?: { readonly file: string; readonly line?: number; readonly column?: number } | undefined;
};

/** Returns the command of GitHub Actions that makes the annotation, as a line. */
export function annotationLine({ severity, title, message, at }: Annotation, root: SourceRoot): string {
  const place = at === undefined ? {} : { file: pathBelow(root, at.file), line: at.line, col: at.column };
  return githubCommand(severity, { ...place, title }, message);
}

/** Returns a command of GitHub Actions as a line, escaped as its runner reads it (actions/runner, ActionCommand.cs). */
export function githubCommand(
  name: string,
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const words = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(String(value))}`],
  );
  return `::${name}${words.length === 0 ? "" : ` ${words.join(",")}`}::${escapeData(message)}\n`;
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function escapeData(text: string): string {
  return printable(text, true).replaceAll("%", "%25").replaceAll("\n", "%0A");
}
