import type { RunEvent, Timed } from "../run/events.ts";

/** What a CI system is sent on standard error beside the output, so that it can structure the log of a job. */
export type CiLog = {
  /** Returns the whole lines that come at an event, "" for none. */
  readonly linesAt: (event: Timed<RunEvent>) => string;
  /** Returns the whole lines that come after the last event. */
  readonly end: () => string;
};
