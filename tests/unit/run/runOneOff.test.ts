import { expect, test } from "bun:test";
import { cancellationBy } from "../../../src/run/cancellation.ts";
import { runOneOff } from "../../../src/run/runOneOff.ts";
import { container, eventLog, planIn } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

const cancellation = cancellationBy({ onSignal: () => () => {}, outputs: [] });

test.each([
  ["echo started >status; exit 7", 7],
  ["echo started >status", 0],
  ["exit 1", 125],
])("a plan whose container does %j ends with %i, and leaves no record", async (text, code) => {
  using folder = makeFolder({});
  const { read, told } = eventLog();
  expect(await runOneOff(planIn(folder, [container(folder, text)]), cancellation, [read])).toBe(code);
  expect([told()[0], told().at(-1)]).toEqual(["planned", "finished"]);
  expect(folder.glob("**/*.yml")).toEqual([]);
});

test("a plan that lacks a file which has to be there is refused: 65", async () => {
  using folder = makeFolder({});
  const requires = [{ path: "hosts", message: "no hosts", hint: "write them" }];
  const plan = planIn(folder, [container(folder, "touch ran")], { plan: { requires } });
  await expect(runOneOff(plan, cancellation, [])).rejects.toMatchObject({ exitCode: 65 });
  expect(folder.glob("*")).toEqual([]);
});
