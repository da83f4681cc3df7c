import { expect, test } from "bun:test";
import { emitTo } from "../../../src/run/events.ts";
import { killContainer, removeContainer } from "../../../src/run/removeContainer.ts";
import { eventLog } from "../../support/execution.ts";
import { fakeEngine, shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const optionsIn = ({ path }: Folder, script: string) => ({
  engine: fakeEngine({ removeContainer: (name) => shell(`echo "$1" >>removals; ${script}`, name) }),
  ...{ directory: path, workspace: path, environment: process.env },
});

/** Removes a container that has not started, with a client that does this; returns how often it was asked. */
async function removals(script: string, hasStarted = false): Promise<number> {
  using folder = makeFolder({});
  const log = eventLog();
  const emit = emitTo([log.read], () => new Date(0));
  await removeContainer("c", hasStarted, optionsIn(folder, script), emit);
  expect(log.told()).toEqual([]);
  return folder.read("removals").split("\n").length - 1;
}

test.each([
  ["that is removed", ":", 1],
  ["that is made only now", "[ $(wc -l <removals) -ge 3 ]", 3],
  ["that never was, by its complaint", "echo 'No such container' >&2", 5],
  ["that never was, by its code", "exit 1", 5],
])("a container %s is asked for in several attempts: %j, %i", async (_, script, attempts) => {
  expect(await removals(script)).toBe(attempts);
});

test("one that had started is there, so one attempt does", async () => {
  expect(await removals("exit 1", true)).toBe(1);
});

test("a container that is killed is removed by its name, and its client is not killed at once", async () => {
  using folder = makeFolder({});
  const got: string[] = [];
  killContainer("c", (name) => void got.push(name), optionsIn(folder, ":"));
  while (folder.glob("removals").length === 0) await Bun.sleep(5);
  expect([folder.read("removals"), got]).toEqual(["c\n", []]);
});
