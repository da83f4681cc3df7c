import { expect, test } from "bun:test";
import {
  emitTo,
  perRun,
  type Reader,
  type RunEvent,
  readersOf,
  type StepRun,
  type Timed,
} from "../../../src/run/events.ts";

const now = () => new Date("2026-11-24T10:00:00.000Z");

test("every reader gets an event in turn, with its time", () => {
  const heard: string[] = [];
  const readers = ["one", "two"].map(
    (name): Reader =>
      ({ type, time }) => {
        heard.push(`${name} ${type} ${time.toISOString()}`);
        return undefined;
      },
  );
  expect(emitTo(readers, now)({ type: "started" })).toBe(undefined);
  expect(heard).toEqual(["one started 2026-11-24T10:00:00.000Z", "two started 2026-11-24T10:00:00.000Z"]);
});

test("the source waits for the reader that cannot take more, whichever it is", async () => {
  const full = Promise.resolve();
  const slow: Reader = () => full;
  const quick: Reader = () => undefined;
  expect(emitTo([slow, quick], now)({ type: "started" })).toBe(full);
  expect(emitTo([quick, slow], now)({ type: "started" })).toBe(full);
});

test("of two readers that cannot take more, the source waits for both", async () => {
  const [one, two] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isDone = false;
  const full = emitTo(
    [() => one.promise, () => two.promise],
    now,
  )({ type: "started" })?.then(() => {
    isDone = true;
  });
  two.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDone).toBe(false);
  one.resolve();
  await full;
});

test("a reader that emits an event itself is heard by those after it first", () => {
  const heard: RunEvent["type"][] = [];
  const readers: Reader[] = [];
  const emit = emitTo(readers, now);
  readers.push(({ type }) =>
    type === "started" ? emit({ type: "image", id: "x", digest: undefined }) : undefined,
  );
  readers.push(({ type }) => {
    heard.push(type);
    return undefined;
  });
  emit({ type: "started" });
  expect(heard).toEqual(["image", "started"]);
});

test("a reader that throws reads no more, and the others go on and are warned once", () => {
  const heard: string[] = [];
  let calls = 0;
  const bad: Reader = () => {
    calls += 1;
    throw new Error("no room");
  };
  const good: Reader = (event) => {
    heard.push(event.type === "warning" ? event.message : event.type);
    return undefined;
  };
  const emit = emitTo([bad, good], now);
  emit({ type: "starting" });
  emit({ type: "started" });
  expect(calls).toBe(1);
  expect(heard).toEqual(["a reader of the run's events failed: no room", "starting", "started"]);
});

const of = (index: number, attempt: number): StepRun => ({
  index,
  name: "s",
  step: "s",
  matrix: [],
  attempt,
});

test("each run has a value of its own, from its first event to its last", () => {
  let made = 0;
  const numberOf = perRun(() => ++made);
  const seen = (type: "started" | "finished", run?: StepRun) => {
    const event: RunEvent =
      type === "started"
        ? { type }
        : { type, status: "failed", exitCode: 1, stopped: undefined, execution: undefined };
    return numberOf({ ...event, time: now(), ...(run === undefined ? {} : { of: run }) });
  };
  expect([seen("started"), seen("started", of(0, 1)), seen("started", of(1, 1))]).toEqual([1, 2, 3]);
  expect([seen("finished", of(0, 1)), seen("started", of(0, 2)), seen("finished", of(1, 1))]).toEqual([
    2, 4, 3,
  ]);
  expect([seen("finished"), seen("started")]).toEqual([1, 5]);
});

test("the events of a step's run say so to every reader", () => {
  const heard: Timed<RunEvent>[] = [];
  const [read] = readersOf(of(3, 2), [(event) => void heard.push(event)]);
  read?.({ type: "started", time: now() });
  expect(heard).toEqual([{ type: "started", time: now(), of: of(3, 2) }]);
});
