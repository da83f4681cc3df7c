import { cannotWrite } from "../host/fileErrors.ts";
import { isReaderGone, type Output } from "../host/output.ts";

/** The signals that end a run in order. */
export const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

export type StopSignal = (typeof stopSignals)[number];

/** Why a run is to end before its time. SIGQUIT counts as SIGTERM. */
export type StopReason = "SIGINT" | "SIGTERM" | "SIGHUP" | "timeout" | "reader gone" | "output lost";

/** What a run that is to end does with its action: waits for it, and kills it after some seconds or at a second Ctrl-C. */
export type Grace = { readonly seconds: number } | { readonly untilKilled: true };

/** What can be stopped at the moment; the rest of the program does not care what it is. */
export type Stoppable = {
  /** True when it has something of its own to bring to an end, which takes time. */
  readonly isAction: boolean;
  /** Passes a signal on; resolves when that was done. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>;
  /** Ends it without asking. */
  readonly kill: () => void;
};

/** Where cancellation comes from: the program's signals and outputs. A listener is called until what is returned is called. */
export type CancellationSources = {
  readonly onSignal: (listener: (name: StopSignal) => void) => () => void;
  readonly outputs: readonly Output[];
};

/** How one run ends when it is cancelled. */
export type StopOptions = {
  /** Seconds between a signal and the kill. */
  readonly stopTimeout: number;
  /** A person at a terminal can interrupt a second time, so an interrupt has no timeout. */
  readonly isInteractive: boolean;
  /** Told once, before anything is stopped: why, and what is done with an action that runs. */
  readonly onStop: (cause: string, grace: Grace | undefined) => void;
};

/** Turns signals, output that goes nowhere and a timeout into one orderly end of a run, until it is disposed of. */
export type RunCancellation = Disposable & {
  readonly reason: () => StopReason | undefined;
  /** Aborted together with the first reason. */
  readonly signal: AbortSignal;
  readonly attach: (stoppable: Stoppable) => void;
  readonly detach: () => void;
  readonly timeOutAfter: (seconds: number) => void;
  /** From now on the run does not time out. */
  readonly neverTimeOut: () => void;
};

/** Starts to pass what cancels on to a run. */
export type Cancellation = (options: StopOptions) => RunCancellation;

/** Returns the program's cancellation, whose sources reach every run. */
export function cancellationBy({ onSignal, outputs }: CancellationSources): Cancellation {
  return (options) => {
    const { stop, ...run } = stoppableRun(options);
    const listeners = [
      onSignal((name) => {
        const signal = name === "SIGQUIT" ? "SIGTERM" : name;
        stop(signal, signal, `got ${name}`);
      }),
      ...outputs.map(({ onLost }) =>
        onLost((error) => {
          if (isReaderGone(error)) stop("reader gone", "SIGTERM", "nobody reads the output");
          else stop("output lost", "SIGTERM", cannotWrite("the output", error).message);
        }),
      ),
    ];
    return {
      ...run,
      [Symbol.dispose]: () => {
        run[Symbol.dispose]();
        for (const remove of listeners) remove();
      },
    };
  };
}

/**
 * The first reason passes a signal on to the run, once; a second signal kills. After anything but an interrupt
 * at a terminal, where a person is there to decide, what still runs after the timeout is killed.
 */
function stoppableRun({ stopTimeout, isInteractive, onStop }: StopOptions) {
  let reason: StopReason | undefined;
  let current: Stoppable | undefined;
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let timeout: NodeJS.Timeout | undefined;
  const later = (seconds: number, action: () => void) => void timers.push(setTimeout(action, seconds * 1000));
  const stop = (why: StopReason, signal: NodeJS.Signals, cause: string) => {
    if (reason !== undefined) {
      if (why === signal) current?.kill();
      return;
    }
    reason = why;
    controller.abort();
    const waitsForPerson = why === "SIGINT" && isInteractive;
    const grace = waitsForPerson ? ({ untilKilled: true } as const) : { seconds: stopTimeout };
    onStop(cause, current?.isAction === true ? grace : undefined);
    void current?.signal(signal);
    if (!waitsForPerson) later(stopTimeout, () => current?.kill());
  };
  return {
    stop,
    reason: () => reason,
    signal: controller.signal,
    attach: (stoppable: Stoppable) => {
      current = stoppable;
      if (reason !== undefined) stoppable.kill();
    },
    detach: () => {
      current = undefined;
    },
    timeOutAfter: (seconds: number) => {
      timeout = setTimeout(() => stop("timeout", "SIGTERM", "timed out"), seconds * 1000);
    },
    neverTimeOut: () => clearTimeout(timeout),
    [Symbol.dispose]: () => {
      for (const timer of [...timers, timeout]) clearTimeout(timer);
    },
  };
}
