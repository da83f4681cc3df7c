import { expect, test } from "bun:test";
import { emitTo, type Reader, type RunEvent } from "../../../src/run/events.ts";

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
