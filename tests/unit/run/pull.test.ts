import { expect, test } from "bun:test";
import type { RunEvent } from "../../../src/run/events.ts";
import { tellingOfPull } from "../../../src/run/pull.ts";

const pull = "Unable to find image 'busybox:latest' locally\n";

/** The types of the events that are passed on. */
function told(events: readonly (RunEvent | string)[], hasStarted = false): readonly string[] {
  const types: string[] = [];
  const emit = tellingOfPull(
    ({ type }) => {
      types.push(type);
      return undefined;
    },
    () => hasStarted,
  );
  for (const event of events) {
    const output = { type: "output", source: "action", stream: "stderr" } as const;
    emit(typeof event === "string" ? { ...output, bytes: Buffer.from(event) } : event);
  }
  return types;
}

test("a pull is told once, before what the client prints about it", () => {
  expect(told([{ type: "starting" }, pull, "latest: Pulling from library/busybox\n"])).toEqual([
    ...["starting", "pulling", "output", "output"],
  ]);
});

test.each([
  "Unable to find image 'busybox:latest' locally",
  "latest: Pulling from library/busybox",
  "warning\nlatest: Pulling from library/busybox\n",
])("%j is a pull", (text) => expect(told([text])).toEqual(["pulling", "output"]));

test.each(["hello", "I am Pulling from x", "Unable to find image"])("%j is none", (text) =>
  expect(told([text])).toEqual(["output"]),
);

test("an action that prints the same has not pulled", () => {
  expect(told([{ type: "started" }, pull])).toEqual(["started", "output"]);
  expect(told([pull], true)).toEqual(["output"]);
});
