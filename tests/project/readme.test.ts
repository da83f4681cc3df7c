import { expect, test } from "bun:test";
import { commands } from "../../src/cli/registry.ts";
import { makeFolder } from "../support/harness.ts";
import { blocksOf } from "../support/readme.ts";

test("the other blocks of the README are read without a problem", async () => {
  const example = blocksOf("yaml").find((text) => text.startsWith("# blocks/web/block.poly")) ?? "";
  const workflows = blocksOf("yaml").find((text) => text.startsWith("workflows:")) ?? "";
  using folder = makeFolder({
    "workspace.poly": `name: my-workspace\n${workflows}`,
    "blocks/base/block.poly": "name: base\n",
    "blocks/web/block.poly": example,
    "blocks/web/install.yml": "[]\n",
  });
  const { stdout } = await folder.run(["validate", "--output", "json"]);
  expect(
    JSON.parse(stdout).problems.filter(({ severity }: { severity: string }) => severity === "error"),
  ).toEqual([]);
  expect((await folder.run(["run", "release", "--dry-run"])).exitCode).toBe(0);
});

test("every command line of the README names a command, and flags that it has", async () => {
  const lines = blocksOf("sh").flatMap((text) =>
    [...text.matchAll(/^polycrate ([^#\n]+)/gm)].map(([, line = ""]) => line.trim()),
  );
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const [first = "", second = ""] = line.split(/\s+/);
    const name = Object.hasOwn(commands, `${first} ${second}`) ? `${first} ${second}` : first;
    expect(Object.keys(commands)).toContain(name);
    using folder = makeFolder({});
    const { stdout } = await folder.run(["help", ...name.split(" ")]);
    for (const [flag] of line.matchAll(/(?<=\s)--[a-z-]+/g)) expect(stdout).toContain(flag);
  }
});
