import { describe, expect, test } from "bun:test";
import { version } from "../../src/version.ts";
import { indent, makeFolder } from "../support/harness.ts";

const container = (text: string) => `name: test-workspace\nconfig:\n  container:\n${indent(text, 4)}\n`;

test("a plain secret's value is not repeated, not even for another problem of its line", async () => {
  using folder = makeFolder({ "workspace.poly": container("env: {API_KEY: hunter2, 9X: a}") });
  const { stdout } = await folder.run(["validate"]);
  expect(stdout).toContain("[plain-secret]");
  expect(stdout).toContain("[wrong-variable]");
  expect(stdout).not.toContain("hunter2");
});

test("the report has the line, a caret, the code and the cure", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\nconfig:\n  container:\n    imgae: debian:12\n",
  });
  expect(await folder.run(["validate"])).toEqual({
    stdout: `error: workspace.poly:4:5: unknown key \`config.container.imgae\` [unknown-key]
  4 |     imgae: debian:12
    |     ^
hint: did you mean \`image\`?

1 error, 0 warnings
`,
    stderr: "",
    exitCode: 65,
  });
});

test("the caret stands below its place after wide characters, tabs and in long lines", async () => {
  const long = `name: app\nconfig: {a: "漢字\t", b: "${"x".repeat(300)}", c: *d}\n`;
  using folder = makeFolder({ "workspace.poly": "name: test-workspace\n", "blocks/app/block.poly": long });
  const { stdout } = await folder.run(["validate"]);
  const [, line = "", caret = ""] = stdout.split("\n");
  expect(line).toContain("…");
  expect(line.slice(caret.indexOf("^"))).toBe("*d}");
});

test("JSON has every problem with its code and place", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\nfoo: 1\n",
    "blocks/a/block.poly": "",
  });
  const { stdout, exitCode } = await folder.run(["validate", "--output", "json"]);
  expect(JSON.parse(stdout)).toEqual({
    workspace: folder.path,
    valid: false,
    errors: 1,
    warnings: 1,
    problems: [
      {
        severity: "error",
        code: "wrong-value",
        file: "blocks/a/block.poly",
        line: 1,
        column: 1,
        message: "expected a mapping with `name`, found nothing",
        hint: "begin the file with `name: my-block`",
      },
      {
        severity: "warning",
        code: "unknown-key",
        file: "workspace.poly",
        line: 2,
        column: 1,
        message: "unknown key `foo`",
        hint: expect.any(String),
      },
    ],
  });
  expect(exitCode).toBe(65);
});

test("warnings end it with 0, and with 65 when it is strict", async () => {
  using folder = makeFolder({ "workspace.poly": "name: test-workspace\nfoo: 1\n" });
  expect((await folder.run(["validate"])).exitCode).toBe(0);
  expect((await folder.run(["validate", "--strict"])).exitCode).toBe(65);
});

test("a workspace without a problem is said to be valid, without docker and git", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/a/block.poly": "name: app\n",
  });
  expect(
    await folder.run(["validate", "--strict"], {
      env: { PATH: "/nowhere", DOCKER_HOST: "tcp://127.0.0.1:1" },
    }),
  ).toEqual({
    stdout: "test-workspace is valid: 1 block, no problems\n",
    stderr: "",
    exitCode: 0,
  });
});

test("without a workspace there is nothing to validate", async () => {
  using folder = makeFolder({});
  expect((await folder.run(["validate"])).exitCode).toBe(64);
});

test.each(["Dockerfile.poly", "./Dockerfile.poly"])(
  "`dockerfile: %s`, which is the default, is as good as not naming it",
  async (name) => {
    using folder = makeFolder({
      "workspace.poly": `name: test\nconfig: {image: "debian:12", container: {dockerfile: ${name}}}\n`,
    });
    expect((await folder.run(["exec", "--dry-run", "--", "true"])).stdout).toContain("\n  debian:12 \\\n");
  },
);

test("SARIF and GitHub's annotations have every problem with its file below the checkout", async () => {
  using folder = makeFolder({
    "infra/workspace.poly": "name: test-workspace\nfoo: 1\n",
    "infra/blocks/a/block.poly": "name: a\nactions: 1\n",
  });
  const env = { GITHUB_WORKSPACE: folder.path };
  const sarif = await folder.run(["validate", "-w", "infra", "--output=sarif"], { env });
  expect(sarif.exitCode).toBe(65);
  const { results, originalUriBaseIds } = JSON.parse(sarif.stdout).runs[0];
  expect(originalUriBaseIds).toEqual({ "%SRCROOT%": { uri: `file://${folder.path}/` } });
  expect(results).toMatchObject([
    { ruleId: "wrong-value", level: "error" },
    { ruleId: "unknown-key", level: "warning" },
  ]);
  const github = await folder.run(["validate", "-w", "infra", "--output=github"], { env });
  expect(github.exitCode).toBe(65);
  expect(github.stdout).toMatch(
    /^::error file=infra\/blocks\/a\/block\.poly,line=2,col=10,title=wrong-value::.*\n::warning file=infra\/workspace\.poly,line=2,col=1,title=unknown-key::.*\n$/,
  );
});

test("a valid workspace has no annotations, and an empty list of results", async () => {
  using folder = makeFolder({ "workspace.poly": "name: test-workspace\n" });
  expect(await folder.run(["validate", "--output=github"])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  const { stdout, exitCode } = await folder.run(["validate", "--output=sarif"]);
  expect([JSON.parse(stdout).runs[0].results, exitCode]).toEqual([[], 0]);
});

describe("`requires`", () => {
  const newer = {
    "workspace.poly": 'name: w\nrequires: ">=7.1"\nfuture: {a: 1}\nblocks: {not: a list}\nconfig: 7\n',
    "blocks/b/block.poly": "name: [",
  };

  test("is checked before anything else: the one problem of a workspace that is for a newer polycrate", async () => {
    using folder = makeFolder(newer);
    const { stdout, exitCode } = await folder.run(["validate", "--output", "json"]);
    const { problems } = JSON.parse(stdout);
    expect(problems).toMatchObject([{ code: "required-version", line: 2, column: 11 }]);
    expect(exitCode).toBe(65);
  });

  test.each(["run b a", "list", "inspect b", "snapshot b a"])(
    "stops `polycrate %s`, with the command that brings a newer version",
    async (line) => {
      using folder = makeFolder(newer);
      const { stderr, exitCode } = await folder.run(line.split(" "));
      const [error, hint = "", ...more] = stderr.trim().split("\n");
      expect(error).toBe(
        `error: workspace.poly:2:11: the workspace requires polycrate >=7.1, and this is ${version}`,
      );
      expect(hint).toMatch(/^hint: `cd .* && git pull && bun run build` builds the newest version$/);
      expect({ more, exitCode }).toEqual({ more: [], exitCode: 65 });
    },
  );
});
