import { cannotWrite } from "../host/fileErrors.ts";
import type { Host } from "../host/stdio.ts";
import { isReaderGone, onOutputLost } from "./outputRelay.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Why a run is to end before its time. SIGQUIT counts as SIGTERM. */
export type StopReason = "SIGINT" | "SIGTERM" | "SIGHUP" | "timeout" | "reader gone" | "output lost";

/** What can be stopped at the moment; the rest of the program does not care what it is. */
export type Stoppable = {
  /** True when it has something of its own to bring to an end, which takes time. */
  readonly isAction: boolean;
  /** Tells it once; resolves when it was told. */
  readonly tell: (signal: NodeJS.Signals) => Promise<void>;
  /** Ends it without asking. */
  readonly kill: () => void;
  /** Stops waiting for whoever does not read its output. */
  readonly letGo: () => void;
};

/** Turns signals, a timeout and output that goes nowhere into one orderly end, until it is disposed of. */
export type Stopping = Disposable & {
  readonly reason: () => StopReason | undefined;
  /** Aborted together with the first reason. */
  readonly cancelled: AbortSignal;
  readonly attach: (stoppable: Stoppable) => void;
  readonly detach: () => void;
  readonly timeOutAfter: (seconds: number) => void;
};

/**
 * Starts to listen. The first signal is passed on once; the second kills. After anything but an interrupt at a terminal,
 * where a person is there to decide, what still runs after `stopTimeout` seconds is killed.
 */
export function listenForStops(host: Host, stopTimeout: number): Stopping {
  let reason: StopReason | undefined;
  let current: Stoppable | undefined;
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const later = (seconds: number, action: () => void) => void timers.push(setTimeout(action, seconds * 1000));
  const stop = (why: StopReason, signal: NodeJS.Signals, cause: string) => {
    if (reason !== undefined) {
      if (why === signal) current?.kill();
      return;
    }
    reason = why;
    controller.abort();
    current?.letGo();
    void current?.tell(signal);
    const patient = why === "SIGINT" && host.stdin.isTTY === true;
    if (current?.isAction === true) host.say(waitingLine(cause, patient, stopTimeout));
    if (!patient) later(stopTimeout, () => current?.kill());
  };
  const handlers = signals.map((name) => {
    const signal = name === "SIGQUIT" ? "SIGTERM" : name;
    const handler = () => stop(signal, signal, `got ${name}`);
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const outputs = [host.stdout, host.stderr].map((stream) =>
    onOutputLost(stream, (error) => {
      if (isReaderGone(error)) stop("reader gone", "SIGTERM", "nobody reads the output");
      else stop("output lost", "SIGTERM", cannotWrite("the output", error).message);
    }),
  );
  return {
    reason: () => reason,
    cancelled: controller.signal,
    attach: (stoppable) => {
      current = stoppable;
      if (reason === undefined) return;
      stoppable.letGo();
      stoppable.kill();
    },
    detach: () => {
      current = undefined;
    },
    timeOutAfter: (seconds) => later(seconds, () => stop("timeout", "SIGTERM", "timed out")),
    [Symbol.dispose]: () => {
      for (const timer of timers) clearTimeout(timer);
      for (const remove of [...handlers, ...outputs]) remove();
    },
  };
}

function waitingLine(cause: string, patient: boolean, stopTimeout: number): string {
  if (patient) return "waiting for the action to end; Ctrl-C again kills it";
  return `${cause}: waiting for the action to end; it is killed after ${stopTimeout} s`;
}
