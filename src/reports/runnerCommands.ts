/**
 * Returns escaped text of XML or HTML in which no line is a command to GitHub's runner, which obeys what a job prints: lines that
 * begin with `::`, and `##[`. A reader of the document gets the same text.
 */
export function withoutRunnerCommands(escaped: string): string {
  return escaped.replace(/^([^\S\n]*):(?=:)/gm, "$1&#58;").replaceAll("##[", "#&#35;[");
}
