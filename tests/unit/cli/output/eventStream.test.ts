import { expect, test } from "bun:test";
import { eventStream } from "../../../../src/cli/output/eventStream.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { fakeStream } from "../../../support/fakes.ts";

const event = { type: "output", source: "action", stream: "stdout", time: new Date(0) } as const;

test("each event is a line when it happens", () => {
  const stdout = fakeStream();
  const read = eventStream({ stdout: outputTo(stdout), stderr: outputTo(fakeStream()) });
  expect(read({ ...event, bytes: Buffer.from("hi\n") })).toBe(undefined);
  expect(JSON.parse(stdout.text())).toMatchObject({ v: 1, type: "output", text: "hi\n" });
  expect(stdout.text()).toEndWith("}\n");
});

test("a reader that takes no more makes the source of the output wait", async () => {
  const stdout = fakeStream();
  const read = eventStream({ stdout: outputTo(stdout), stderr: outputTo(fakeStream()) });
  stdout.pause();
  const waiting = read({ ...event, bytes: Buffer.alloc(2 << 20, "x") });
  expect(waiting).toBeInstanceOf(Promise);
  stdout.resume();
  await waiting;
});
