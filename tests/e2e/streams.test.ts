import { expect, test } from "bun:test";
import { call, executable, makeFolder, workspaceWith } from "../support/harness.ts";

const both = `
- name: both
  script:
    - i=0; while [ $i -lt 200 ]; do echo out $i; echo err $i >&2; i=$((i + 1)); done
`;

const inOrder = Array.from({ length: 200 }, (_, index) => `out ${index}\nerr ${index}\n`).join("");

test.each([["/bin/bash"], ["/bin/sh"]])(
  "where standard output and standard error go to one place, an action's lines in %s keep their order, in the log too",
  async (shell) => {
    using folder = makeFolder({ "workspace.poly": workspaceWith(both, `shell: ${shell}`) });
    const options = { directory: folder.path };
    const { stdout } = await call(["sh", "-c", `${executable} run b both 2>&1`], options);
    expect(stdout).toStartWith(inOrder);
    expect(stdout.slice(inOrder.length)).toMatch(/^b both succeeded/);
    expect(folder.read(folder.glob(".logs/**/*.log")[0] ?? "")).toBe(inOrder);
    await call(["sh", "-c", `${executable} run b both >file 2>&1`], options);
    expect(folder.read("file")).toStartWith(inOrder);
    const script = (await folder.run(["run", "b", "both", "--dry-run"])).stdout;
    expect((await call(["sh", "-c", "sh 2>&1"], { input: script })).stdout).toBe(inOrder);
    const exec = `${executable} exec -- sh -c 'echo a; echo b >&2; echo c' 2>&1`;
    expect((await call(["sh", "-c", exec], options)).stdout).toBe("a\nb\nc\n");
  },
  60_000,
);

test("where they go apart, each has its own lines, in order", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(both) });
  const lines = (word: string) => Array.from({ length: 200 }, (_, index) => `${word} ${index}\n`).join("");
  const { stdout, stderr } = await folder.run(["run", "b", "both"]);
  expect(stdout).toBe(lines("out"));
  expect(stderr).toStartWith(lines("err"));
  const script = (await folder.run(["run", "b", "both", "--dry-run"])).stdout;
  expect(await call(["sh"], { input: script })).toEqual({
    stdout: lines("out"),
    stderr: lines("err"),
    exitCode: 0,
  });
}, 30_000);

test("with `--output=json` standard output is the transaction's alone, whatever goes where", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(both) });
  const { stdout } = await call(
    ["sh", "-c", `${executable} run b both --output=json 2>&1 | grep -c '^out'`],
    {
      directory: folder.path,
    },
  );
  expect(stdout).toBe("200\n");
  expect((await folder.run(["run", "b", "both", "--output=json", "--dry-run"])).stdout).not.toContain(
    "--env=POLYCRATE_STREAMS",
  );
}, 30_000);

test("an action does not see how its streams were joined", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: look, script: [env]}") });
  expect((await folder.run(["run", "b", "look"])).stdout).not.toContain("POLYCRATE_STREAMS");
});
