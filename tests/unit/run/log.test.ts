import { expect, test } from "bun:test";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent, Timed } from "../../../src/run/events.ts";
import { logTo } from "../../../src/run/log.ts";
import { maskedTexts } from "../../../src/secrets/mask.ts";
import { eventLog } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

const time = new Date(0);
const finished: Timed<RunEvent> = {
  ...{ type: "finished", status: "succeeded", exitCode: 0, stopped: undefined, execution: undefined },
  time,
};

/** A log that writes to the descriptor, and what it warns of. */
function logWith(descriptor: number, secrets: readonly string[] = []) {
  const warnings = eventLog();
  const emit = (event: RunEvent) => warnings.read({ ...event, time });
  const read = logTo(descriptor, maskedTexts(secrets), emit);
  const write = (text: string, stream: "stdout" | "stderr" = "stdout") =>
    read({ type: "output", source: "action", stream, bytes: Buffer.from(text), time });
  return { write, end: () => void read(finished), told: warnings.told };
}

test("output is on disk at once", () => {
  using folder = makeFolder({ log: "" });
  const path = join(folder.path, "log");
  const { write, end, told } = logWith(openSync(path, "a"));
  write("one ");
  write("two", "stderr");
  expect(readFileSync(path, "utf8")).toBe("one two");
  end();
  expect(told()).toEqual([]);
});

test("a secret that one stream begins and the other goes on with is masked, also at the end", () => {
  using folder = makeFolder({ log: "" });
  const { write, end } = logWith(openSync(join(folder.path, "log"), "a"), ["tok-SECRETVALUE"]);
  write("<tok-SECRET");
  write("VALUE>", "stderr");
  write("tok-SEC");
  end();
  expect(folder.read("log")).toBe("<***>tok-SEC");
});

test.each([
  ["the disk is full", () => openSync("/dev/full", "w")],
  ["EBADF", (path: string) => openSync(path, "r")],
])("a log that fails is warned of once, at the end: %s", (reason, open) => {
  using folder = makeFolder({});
  const path = join(folder.path, "log");
  writeFileSync(path, "");
  const { write, end, told } = logWith(open(path));
  write("x");
  write("y");
  expect(told()).toEqual([]);
  end();
  expect(told()).toEqual([`warning: the log is incomplete: ${reason}\nhint: undefined`]);
});

test("a log that only fails when the mask gives the rest back is warned of too", () => {
  const { write, end, told } = logWith(openSync("/dev/full", "w"), ["secret-value"]);
  write("secret");
  end();
  expect(told()).toHaveLength(1);
});
