import { expect, test } from "bun:test";
import { execution } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const image = { reference: "image", build: undefined };

test("an image that is there is named", async () => {
  using folder = makeFolder({});
  const { done } = execution(folder, [{ kind: "tag", argv: shell("touch named"), image }]);
  expect(await done).toMatchObject({ exitCode: 0, step: { kind: "tag" }, started: false });
  expect(folder.glob("*")).toEqual(["named"]);
});

test("one that is not there fails, with what the client said", async () => {
  using folder = makeFolder({});
  const argv = shell("echo 'No such image' >&2; exit 1");
  const { told, stderr, done } = execution(folder, [{ kind: "tag", argv, image }]);
  expect(await done).toMatchObject({ exitCode: 1, tail: "\nNo such image\n" });
  expect([stderr(), told().at(-1)]).toEqual(["No such image\n", "not built"]);
});
