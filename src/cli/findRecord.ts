import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { idsBeginningWith, type Recorded, readHistory, readRecord } from "../transactions/history.ts";
import type { Workspace } from "../workspace/load.ts";

/** Returns the record whose id starts with the text. Throws (64) when there is none, or more than one. */
export function findRecord(workspace: Workspace, text: string): Recorded {
  const { path, layout } = workspace;
  const files = /^[0-9a-f-]{1,36}$/.test(text) ? idsBeginningWith(path, layout.logsRoot, text) : [];
  const [file] = files;
  const recorded = file === undefined ? undefined : readRecord(path, file);
  if (files.length > 1) {
    throw new PolycrateError(`several transaction ids start with \`${text}\``, {
      hint: "use more characters of the id; `polycrate history` lists the ids",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (recorded !== undefined) return recorded;
  throw new PolycrateError(`there is no transaction \`${text}\``, {
    hint: "`polycrate history` lists the latest transactions",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** Returns the newest record. Throws (64) when there is none. */
export function lastRecord(workspace: Workspace): Recorded {
  for (const recorded of readHistory(workspace.path, workspace.layout.logsRoot)) return recorded;
  throw new PolycrateError("nothing has run in this workspace yet", {
    hint: "`polycrate run BLOCK ACTION` runs an action",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/**
 * Returns the first 18 characters of a transaction id: the time, and enough random bits to be unique. Escaped, because a
 * container's label can contain anything.
 */
export function shortId(id: string): string {
  return printable(id.slice(0, 18));
}

/** Parses an age such as `90d`, `12h`, `30m` or `45s`, counted back from now, or a date. Throws (64) on anything else. */
export function readSince(flag: string, text: string, now: Date): Date {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const [, count, unit = ""] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (units[unit] ?? 0) * 1000);
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(date.getTime())) return date;
  throw new PolycrateError(`invalid value \`${text}\` for \`--${flag}\``, {
    hint: "use an age like `90d`, `12h` or `30m`, or a date like `2026-01-31`",
    exitCode: exitCodes.wrongCommandLine,
  });
}
