import type { Spread } from "./measure.ts";

/** One line of the report. `aim` is what the number should be at most, or at least when it is a throughput. */
export type Row = {
  readonly name: string;
  readonly value: Spread;
  readonly unit: Unit;
  /** The comparison with the baseline in the same rounds, if there is one. */
  readonly against?: {
    readonly name: string;
    readonly difference: Spread;
    readonly ratio: Spread;
  };
  readonly aim?: Aim;
};

export type Unit = "ms" | "MiB" | "MiB/s" | "bytes" | "calls";

/** The aim of a row: for its own value, its difference from the baseline, or its ratio to it. */
export type Aim = {
  readonly of: "value" | "difference" | "ratio";
  readonly atMost?: number;
  readonly atLeast?: number;
};

/** Rows about one thing, in the order in which they are shown. */
export type Section = { readonly title: string; readonly rows: readonly Row[] };

/** Returns the report as text: a table for each section. */
export function reportText(sections: readonly Section[]): string {
  return sections.map(({ title, rows }) => `${title}\n${tableText(rows)}\n`).join("\n");
}

function tableText(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    spreadText(row.value, row.unit),
    row.against === undefined
      ? ""
      : `${signed(row.against.difference, row.unit)}, × ${row.against.ratio.median.toFixed(2)}`,
    row.against === undefined ? "" : `against ${row.against.name}`,
    row.aim === undefined ? "" : aimText(row, row.aim),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map(
      (line) =>
        `  ${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}`,
    )
    .join("\n");
}

function spreadText({ median, low, high }: Spread, unit: Unit): string {
  if (unit === "bytes" || unit === "calls") return `${numberText(median, unit)} ${unit}`;
  return `${numberText(median, unit)} ${unit} (${numberText(low, unit)} to ${numberText(high, unit)})`;
}

function signed({ median, low, high }: Spread, unit: Unit): string {
  const sign = (value: number) => `${value < 0 ? "−" : "+"}${numberText(Math.abs(value), unit)}`;
  return `${sign(median)} ${unit} (${sign(low)} to ${sign(high)})`;
}

function numberText(value: number, unit: Unit): string {
  if (unit === "bytes" || unit === "calls") return value.toLocaleString("en");
  return value.toFixed(value < 100 ? 1 : 0);
}

/** Returns whether the row's median reaches its aim; single values vary too much on a loaded machine. */
export function isReached(row: Row, { of, atMost = Number.POSITIVE_INFINITY, atLeast = 0 }: Aim): boolean {
  const spread = of === "value" ? row.value : row.against?.[of];
  return spread !== undefined && spread.median <= atMost && spread.median >= atLeast;
}

function aimText(row: Row, aim: Aim): string {
  const number = (limit = 0) => Number(limit.toFixed(2));
  const limit =
    aim.atMost === undefined
      ? `at least ${number(aim.atLeast)}`
      : `at most ${aim.of === "difference" ? "+" : ""}${number(aim.atMost)}`;
  const unit = aim.of === "ratio" ? "times" : row.unit;
  return `${isReached(row, aim) ? "reached" : "MISSED"}: ${limit} ${unit}`;
}
