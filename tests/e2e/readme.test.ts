import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/registry.ts";
import { exitCodes } from "../../src/errors.ts";
import { busybox, call, makeFolder } from "../support/harness.ts";

const root = join(import.meta.dir, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of a language, in order. */
function blocksOf(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text = ""]) => text,
  );
}

test("the workspace in ten lines runs, and prints what the README says", async () => {
  const [workspace = ""] = blocksOf("yaml");
  const [session = ""] = blocksOf("console");
  const [command = "", ...lines] = session.split("\n");
  using folder = makeFolder({ "workspace.poly": workspace.replace("debian:12-slim", busybox) });
  const words = command.replace("$ polycrate ", "").split(" ");
  const { stdout, stderr, exitCode } = await folder.run(words);
  const shown = (text: string) => text.replace(/\d+\.\d s$/m, "0.0 s");
  expect(shown(stdout + stderr)).toBe(shown(lines.join("\n")));
  expect(exitCode).toBe(0);
});

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

test("the generated reference is current", async () => {
  const { stderr, exitCode } = await call(["bun", "scripts/reference.ts", "--check"], { directory: root });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
});

test("every exit code that polycrate chooses is in the table", () => {
  const table = readme.slice(readme.indexOf("## Exit codes"), readme.indexOf("## A first workspace"));
  const named = [...table.matchAll(/^\| ([\d ]+) \|/gm)].flatMap(([, codes = ""]) =>
    codes.trim().split(" ").map(Number),
  );
  expect(named.sort((a, b) => a - b)).toEqual(Object.values(exitCodes).sort((a, b) => a - b));
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
