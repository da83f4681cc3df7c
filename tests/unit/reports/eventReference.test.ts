import { expect, test } from "bun:test";
import { eventRows } from "../../../src/reports/eventReference.ts";

test("every type of event has a meaning, and its keys beside those of all", () => {
  const rows = eventRows();
  expect(rows.filter(([, meaning]) => !meaning.endsWith("."))).toEqual([]);
  expect(rows).toContainEqual(["built", "The build has ended.", ["failed"]]);
  expect(rows.at(-1)?.[0]).toBe("finished");
});
