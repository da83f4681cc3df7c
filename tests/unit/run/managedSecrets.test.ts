import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { withManagedSecrets } from "../../../src/run/managedSecrets.ts";
import type { Variable } from "../../../src/workspace/environment.ts";
import { makeFolder } from "../../support/harness.ts";
import { workspaceOf } from "../../support/planning.ts";

const workspace = () => workspaceOf({ "workspace.poly": "name: test" });
const managed = (name: string, manager: string): Variable => ({
  name,
  value: "",
  secret: { variable: name, manager },
});

/** A home with a manager that writes a line for each reference that it is asked, waits until all have come, and prints it. */
function home(script: string) {
  const folder = makeFolder({ manager: script, ".config/polycrate/managers.toml": "", asked: "" });
  folder.write(
    ".config/polycrate/managers.toml",
    `test = ["sh", "${join(folder.path, "manager")}", "{path}", "${join(folder.path, "asked")}"]`,
  );
  chmodSync(join(folder.path, ".config/polycrate/managers.toml"), 0o600);
  return { ...folder, environment: { HOME: folder.path, PATH: process.env.PATH } };
}

test("each reference is asked for once in a run of several steps, and several at the same time", async () => {
  using folder = home(
    'echo "$1" >> "$2"; until [ $(wc -l < "$2") -ge 3 ]; do sleep 0.01; done; echo "value of $1"',
  );
  const one = workspace();
  const variables = [
    managed("A", "test://a"),
    managed("B", "test://b"),
    managed("C", "test://c"),
    managed("D", "test://a"),
  ];
  const plain = { name: "PLAIN", value: "x" };
  const found = await withManagedSecrets(one, [...variables, plain], folder.environment);
  expect(found.map(({ value }) => value)).toEqual([
    "value of a",
    "value of b",
    "value of c",
    "value of a",
    "x",
  ]);
  const again = await withManagedSecrets(one, variables.slice(0, 1), folder.environment);
  expect(again[0]).toEqual({
    name: "A",
    value: "value of a",
    secret: { variable: "A", manager: "test://a" },
  });
  expect(folder.read("asked").trim().split("\n").sort()).toEqual(["a", "b", "c"]);
});

test("one that failed is asked again, and all must be configured before one is asked", async () => {
  using folder = home('echo "$1" >> "$2"; [ $(wc -l < "$2") -ge 2 ] && echo value');
  const one = workspace();
  const ask = () => withManagedSecrets(one, [managed("A", "test://a")], folder.environment);
  expect(await ask().catch(String)).toContain("failed with exit code 1 for `test://a`");
  expect(await ask()).toMatchObject([{ value: "value" }]);
  const mixed = withManagedSecrets(
    one,
    [managed("A", "test://new"), managed("B", "other://b")],
    folder.environment,
  );
  expect(await mixed.catch(String)).toContain("no manager for `other://` is configured");
  expect(folder.read("asked")).toBe("a\na\n");
});

test("a value that no variable can have is an error", async () => {
  using folder = home('head -c 200000 /dev/zero | tr "\\\\0" x');
  const error = await withManagedSecrets(workspace(), [managed("A", "test://a")], folder.environment).catch(
    String,
  );
  expect(error).toContain("`A`: the value of `A` is too long");
});

test("without a reference nothing is read", async () => {
  expect(await withManagedSecrets(workspace(), [{ name: "A", value: "a" }], { HOME: "/nowhere" })).toEqual([
    { name: "A", value: "a" },
  ]);
});
