import { type Sample, type Spread, type Subject, spreadOf, type Turn } from "./measure.ts";
import type { Aim, Row, Section, Unit } from "./report.ts";

/** What the sections need to measure. */
export type Bench = {
  readonly executable: string;
  /** A compiled program that prints one word. */
  readonly hello: Subject;
  /** For workspaces and recordings; removed at the end. */
  readonly scratch: string;
  /** The cache of parsed files that the measured commands share, filled. */
  readonly environment: Readonly<Record<string, string>>;
  /** The number of rounds of a subject that takes a fraction of a second, and of one that takes seconds. */
  readonly rounds: { readonly many: number; readonly few: number };
};

/** What a section measures, and its rows. */
export type SectionPlan = {
  readonly turns: readonly Turn[];
  readonly section: (samples: Samples) => Section;
};

export type Samples = (subject: Subject) => readonly Sample[];

/** The value that a row uses of a sample. */
export type Measure = { readonly unit: Unit; readonly of: (sample: Sample) => number };

export const time: Measure = { unit: "ms", of: (sample) => sample.milliseconds };
export const timeUntilStarted: Measure = { unit: "ms", of: (sample) => sample.untilStarted };
export const processorTime: Measure = { unit: "ms", of: (sample) => sample.cpu };
export const memory: Measure = { unit: "MiB", of: (sample) => sample.peakMiB };

/** Returns the row of a subject, compared with a baseline of the same rounds if there is one. */
export function rowOf(
  samples: Samples,
  subject: Subject,
  measure: Measure,
  options: { readonly name?: string; readonly against?: Subject; readonly aim?: Aim } = {},
): Row {
  const own = samples(subject).map(measure.of);
  const { name = subject.name, against, aim } = options;
  const row = { name, value: spreadOf(own), unit: measure.unit, ...(aim === undefined ? {} : { aim }) };
  if (against === undefined) return row;
  const other = samples(against).map(measure.of);
  const pairs = own
    .slice(0, other.length)
    .map((value, round) => [value, other[round] ?? Number.NaN] as const);
  return {
    ...row,
    against: {
      name: against.name,
      difference: spreadOf(pairs.map(([value, base]) => value - base)),
      ratio: spreadOf(pairs.map(([value, base]) => value / base)),
    },
  };
}

/** A number that was counted, not measured. */
export function counted(name: string, number: number, unit: Unit, aim?: Aim): Row {
  const value: Spread = { median: number, low: number, high: number };
  return { name, value, unit, ...(aim === undefined ? {} : { aim }) };
}
