import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";

test.each([
  [["schema"], "workspace.poly of polycrate"],
  [["schema", "workspace"], "workspace.poly of polycrate"],
  [["schema", "block"], "block.poly of polycrate"],
  [["schema", "secrets"], "secrets.poly of polycrate"],
  [["schema", "events"], "a line of `polycrate run --output=events`"],
])("polycrate %p prints it", async (words, title) => {
  using folder = makeFolder({});
  const { stdout, stderr, exitCode } = await folder.run(words);
  expect({ title: JSON.parse(stdout).title, stderr, exitCode }).toEqual({ title, stderr: "", exitCode: 0 });
});

test("a schema that does not exist is refused", async () => {
  using folder = makeFolder({});
  expect(await folder.run(["schema", "blocks"])).toEqual({
    stdout: "",
    stderr:
      "error: unknown schema `blocks`\nhint: use `polycrate schema workspace`, `block`, `secrets` or `events`\n",
    exitCode: 64,
  });
});
