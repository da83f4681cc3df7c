/** A version, as the changelog has it. */
export type ChangelogEntry = {
  readonly version: string;
  /** Its day, `2026-01-31`. */
  readonly date: string;
  readonly changes: readonly string[];
};

/** Returns the entries of a changelog, newest first: `## VERSION (DATE)`, followed by a list of changes. */
export function readChangelog(markdown: string): readonly ChangelogEntry[] {
  return markdown.split(/^## /m).slice(1).map(entryOf);
}

/** Returns the entry of a version; throws when the changelog has none, because each release has one. */
export function entryOfVersion(markdown: string, version: string): ChangelogEntry {
  const entry = readChangelog(markdown).find((one) => one.version === version);
  if (entry === undefined) throw new Error(`.github/CHANGELOG.md has no entry \`## ${version} (DATE)\``);
  return entry;
}

function entryOf(text: string): ChangelogEntry {
  const [, version = "", date = ""] = /^(\S+) \((\d{4}-\d{2}-\d{2})\)\n/.exec(text) ?? [];
  const changes = text.split(/^- /m).slice(1);
  return { version, date, changes: changes.map((change) => change.trim().replaceAll(/\s+/g, " ")) };
}
