import type { Host } from "./host.ts";

/** Why a run is to end before its time. */
export type StopReason = "SIGINT" | "SIGTERM" | "SIGHUP" | "timeout" | "reader gone";

/** What can be stopped at the moment; the rest of the program does not care what it is. */
export type Stoppable = {
  /** As it is called in a sentence: `the action`. */
  readonly what: string;
  /** Tells it once; resolves when it was told. */
  readonly tell: (signal: NodeJS.Signals) => Promise<void>;
  /** Ends it without asking. */
  readonly kill: () => void;
  /** Stops waiting for whoever does not read its output. */
  readonly letGo: () => void;
};

/** Turns signals, a timeout and a reader that went away into one orderly end. */
export type Stopping = {
  readonly reason: () => StopReason | undefined;
  readonly attach: (stoppable: Stoppable) => void;
  readonly detach: () => void;
  readonly timeOutAfter: (seconds: number) => void;
  readonly readerGone: () => void;
  /** Takes the handlers away again. */
  readonly release: () => void;
};

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Starts to listen. The first signal is passed on once; the second kills. After anything but an interrupt at a terminal,
 * where a person is there to decide, what still runs after `stopTimeout` seconds is killed.
 */
export function listenForStops(host: Host, stopTimeout: number): Stopping {
  let reason: StopReason | undefined;
  let current: Stoppable | undefined;
  const timers: NodeJS.Timeout[] = [];
  const later = (seconds: number, action: () => void) => void timers.push(setTimeout(action, seconds * 1000));
  const stop = (why: StopReason, signal: NodeJS.Signals) => {
    if (reason !== undefined) {
      if (why !== "timeout" && why !== "reader gone") current?.kill();
      return;
    }
    reason = why;
    current?.letGo();
    void current?.tell(signal);
    const patient = why === "SIGINT" && host.stdin.isTTY === true;
    if (current !== undefined) host.say(waitingLine(why, current.what, patient, stopTimeout));
    if (!patient) later(stopTimeout, () => current?.kill());
  };
  const handlers = signals.map((signal) => {
    const handler = () => stop(signal, signal);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    reason: () => reason,
    attach: (stoppable) => {
      current = stoppable;
      if (reason === undefined) return;
      stoppable.letGo();
      stoppable.kill();
    },
    detach: () => {
      current = undefined;
    },
    timeOutAfter: (seconds) => later(seconds, () => stop("timeout", "SIGTERM")),
    readerGone: () => stop("reader gone", "SIGTERM"),
    release: () => {
      for (const timer of timers) clearTimeout(timer);
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}

function waitingLine(why: StopReason, what: string, patient: boolean, stopTimeout: number): string {
  if (patient) return `waiting for ${what} to end; Ctrl-C again kills it`;
  const cause =
    why === "timeout" ? "timed out" : why === "reader gone" ? "nobody reads the output" : `got ${why}`;
  return `${cause}: waiting for ${what} to end; it is killed after ${stopTimeout} s`;
}
