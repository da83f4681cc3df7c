import { cannotWrite } from "../host/fileErrors.ts";
import { isReaderGone, type Output } from "../host/output.ts";

/** The signals that end a run cleanly. */
export const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

export type StopSignal = (typeof stopSignals)[number];

/** Why a run is cancelled. SIGQUIT counts as SIGTERM. */
export type StopReason = "SIGINT" | "SIGTERM" | "SIGHUP" | "timeout" | "reader gone" | "output lost";

/** How a cancelled run treats its action: it waits, and kills the action after some seconds or at a second Ctrl-C. */
export type Grace = { readonly seconds: number } | { readonly untilKilled: true };

/** What can be stopped at the moment. */
export type Stoppable = {
  /** True for an action, which may need time to end. */
  readonly isAction: boolean;
  /** Passes a signal on; resolves when it was sent. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>;
  /** Kills it. */
  readonly kill: () => void;
};

/** Where cancellation comes from: the program's signals and outputs. `onSignal` returns a function that removes the listener. */
export type CancellationSources = {
  readonly onSignal: (listener: (name: StopSignal) => void) => () => void;
  readonly outputs: readonly Output[];
};

/** How one run ends when it is cancelled. */
export type StopOptions = {
  /** Seconds between a signal and the kill. */
  readonly stopTimeout: number;
  /** At a terminal the user can interrupt a second time, so an interrupt has no timeout. */
  readonly isInteractive: () => boolean;
  /** Called once, before anything is stopped, with the cause and how a running action is treated. */
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

/** A run that its caller can cancel too, as SIGTERM would; `cause` says why. */
export type StoppableRun = RunCancellation & { readonly stop: (cause: string) => void };

/** Starts to pass what cancels on to a run. */
export type Cancellation = (options: StopOptions) => StoppableRun;

/**
 * Returns the program's cancellation, whose sources reach every run. It listens to signals as long as there is a run, once for
 * all of them.
 */
export function cancellationBy({ onSignal, outputs }: CancellationSources): Cancellation {
  const runs = new Set<(name: StopSignal) => void>();
  let unlisten = () => {};
  return (options) => {
    const run = stoppableRun(options);
    const { stop } = run;
    for (const { neverBlock } of outputs) neverBlock();
    const onStopSignal = (name: StopSignal) => {
      const signal = name === "SIGQUIT" ? "SIGTERM" : name;
      stop(signal, signal, `received ${name}`);
    };
    if (runs.size === 0) {
      unlisten = onSignal((name) => {
        for (const pass of runs) pass(name);
      });
    }
    runs.add(onStopSignal);
    const listeners = outputs.map(({ onLost }) =>
      onLost((error) => {
        if (isReaderGone(error)) stop("reader gone", "SIGTERM", "the reader of the output is gone");
        else stop("output lost", "SIGTERM", cannotWrite("the output", error).message);
      }),
    );
    return {
      ...run,
      stop: (cause) => stop("SIGTERM", "SIGTERM", cause),
      [Symbol.dispose]: () => {
        run[Symbol.dispose]();
        for (const remove of listeners) remove();
        runs.delete(onStopSignal);
        if (runs.size === 0) unlisten();
      },
    };
  };
}

/** Returns a cancellation of the same runs, and a function that cancels those that are going on, as SIGTERM would. */
export function stoppableTogether(cancellation: Cancellation) {
  const runs = new Set<StoppableRun>();
  const begin: Cancellation = (options) => {
    const run = cancellation(options);
    runs.add(run);
    return {
      ...run,
      [Symbol.dispose]: () => {
        runs.delete(run);
        run[Symbol.dispose]();
      },
    };
  };
  const stopAll = (cause: string) => {
    for (const { stop } of runs) stop(cause);
  };
  return { cancellation: begin, stopAll };
}

/**
 * The first reason passes a signal on to the run, once; a second signal kills. What still runs after the timeout is killed,
 * except after an interrupt at a terminal, where the user decides.
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
    const waitsForPerson = why === "SIGINT" && isInteractive();
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
