import { expect, test } from "bun:test";
import { mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { obeyed } from "../support/githubRunner.ts";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

const actions = `
- name: hostile
  script:
    - "echo '::error::x'; echo '::set-output name=a::b' >&2; printf 'a\\\\r::warning::y\\\\n'"
    - "echo 'z ##[error]x'; echo '::stop-commands::t'; echo '::t::'; echo '##[set-env name=A]b' >&2"
    - printf '::group::open'
- name: bad
  script:
    - echo before
    - |
      cd /tmp
      false
- {name: secret, env: {TOKEN: {from_env: TOKEN}}, script: [$TOKEN]}
- {name: flood, script: ['seq 1 20000 | sed "s/^/::error::/"', 'echo "##[error]last"']}
- {name: good, script: echo good}`;

const files = {
  "infra/workspace.poly": `${workspaceWith(actions)}workflows:
  - name: release
    steps: [{name: one, block: b, action: good}, {name: two, block: b, action: bad}, {name: three, block: b, action: good}]
`,
};

/** Runs in the folder as in a step of GitHub Actions, with both outputs in one. */
function inGithub(folder: Folder, words: string, env: Readonly<Record<string, string>> = {}) {
  return call(["sh", "-c", `"$P" run -w infra ${words} 2>&1`], {
    directory: folder.path,
    env: { P: executable, CI: "true", GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: folder.path, ...env },
  });
}

test("in GitHub Actions a run is a group, and a failure is annotated in the file of the block", async () => {
  using folder = makeFolder(files);
  const { stdout, exitCode } = await inGithub(folder, "b bad");
  expect(exitCode).toBe(1);
  expect(obeyed(stdout)).toEqual({
    isStopped: false,
    commands: [
      { name: "group", properties: "", data: "run b bad" },
      { name: "endgroup", properties: "", data: "" },
      {
        name: "error",
        properties: "file=infra/workspace.poly,line=19,col=1,title=b bad",
        data: "failed with exit code 1 (item 2, line 2)",
      },
    ],
  });
  expect(stdout).toContain("\nbefore\n");
});

test("commands in the output of an action do nothing", async () => {
  using folder = makeFolder(files);
  const { stdout } = await inGithub(folder, "b hostile");
  expect(stdout).toContain("\n::error::x\n");
  expect(stdout).toContain("z ##[error]x\n");
  const { commands, isStopped } = obeyed(stdout);
  expect(commands.map(({ name }) => name)).toEqual(["group", "endgroup"]);
  expect(isStopped).toBe(false);
});

test("nothing is added to standard output, and standard error has the commands", async () => {
  using folder = makeFolder(files);
  const env = { GITHUB_ACTIONS: "true", CI: "true" };
  const { stdout, stderr } = await folder.run(["run", "-w", "infra", "b", "good"], { env });
  expect(stdout).toBe("good\n");
  expect(stderr).toMatch(/^::stop-commands::([0-9a-f-]{36})\n::\1::\n::group::run b good\n/);
  const json = await folder.run(["run", "-w", "infra", "b", "good", "--output=json"], { env });
  expect(JSON.parse(json.stdout)).toMatchObject([{ action: "good" }]);
});

test("the token is another one in each run", async () => {
  using folder = makeFolder(files);
  const tokens = [await inGithub(folder, "b good"), await inGithub(folder, "b good")].map(
    ({ stdout }) => /^::stop-commands::(.*)$/m.exec(stdout)?.[1],
  );
  expect(new Set(tokens).size).toBe(2);
});

test("the summary of the job gets a table of the steps, after what it has", async () => {
  using folder = makeFolder({ ...files, "summary.md": "# Before\n" });
  const { exitCode } = await inGithub(folder, "release", {
    GITHUB_STEP_SUMMARY: join(folder.path, "summary.md"),
  });
  expect(exitCode).toBe(1);
  const summary = folder.read("summary.md");
  expect(summary).toStartWith("# Before\n### Workflow release\n");
  expect(summary).toMatch(
    /\| one \| b good \| succeeded \| 0 \| [0-9]+\\\.[0-9] s \|\n\| two \| b bad \| failed \| 1 \|/,
  );
  expect(summary).toContain("| three |  | not run |  |  |\n");
});

test("a summary that is a link is not written, which is warned of once", async () => {
  using folder = makeFolder({ ...files, victim: "untouched" });
  const path = join(mkdtempSync(join(folder.path, "s-")), "summary.md");
  symlinkSync(join(folder.path, "victim"), path);
  const { stdout, exitCode } = await inGithub(folder, "b good", { GITHUB_STEP_SUMMARY: path });
  expect(exitCode).toBe(0);
  expect(stdout.match(/warning: .*summary.*/g)).toEqual([
    "warning: cannot write the summary of the job: it is a symbolic link",
  ]);
  expect(folder.read("victim")).toBe("untouched");
});

test("in GitLab a run is a section, on standard error", async () => {
  using folder = makeFolder(files);
  const run = await folder.run(["run", "-w", "infra", "b", "good"], { env: { GITLAB_CI: "true" } });
  expect(run.stdout).toBe("good\n");
  expect(run.stderr).toMatch(
    /^section_start:\d+:polycrate_1_run_b_good\r\u001b\[0Krun b good\nsection_end:\d+:polycrate_1_run_b_good\r\u001b\[0K\nb good succeeded/,
  );
});

test("elsewhere nothing is written for a CI system", async () => {
  using folder = makeFolder({ ...files, "summary.md": "" });
  const env = { CI: "true", GITHUB_STEP_SUMMARY: join(folder.path, "summary.md") };
  const { stderr } = await folder.run(["run", "-w", "infra", "b", "good"], { env });
  expect(stderr).not.toMatch(/::|section_/);
  expect(folder.read("summary.md")).toBe("");
});

test("a secret is in no annotation and no summary", async () => {
  using folder = makeFolder({ ...files, "summary.md": "" });
  const env = { TOKEN: "s3cr3t-canary", GITHUB_STEP_SUMMARY: join(folder.path, "summary.md") };
  const { stdout, exitCode } = await inGithub(folder, "b secret", env);
  expect(exitCode).toBe(127);
  expect(obeyed(stdout).commands.at(-1)?.data).toContain("`***` was not found");
  expect(folder.read("summary.md")).toContain("b secret");
  expect(stdout + folder.read("summary.md")).not.toContain("canary");
});

/** All lines of both outputs, in the order in which they came. */
async function linesOfBoth(folder: Folder, words: readonly string[]): Promise<readonly string[]> {
  const child = Bun.spawn([executable, "run", "-w", "infra", ...words], {
    ...{ cwd: folder.path, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    env: { ...process.env, CI: "true", GITHUB_ACTIONS: "true" },
  });
  const lines: string[] = [];
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    }
    lines.push(rest);
  };
  await Promise.all([read(child.stderr), read(child.stdout), child.exited]);
  return lines;
}

test("that holds for a runner that reads both outputs by themselves, as GitHub's does", async () => {
  using folder = makeFolder(files);
  for (const words of [
    ["b", "flood"],
    ["b", "flood", "--output=json"],
  ]) {
    const lines = await linesOfBoth(folder, words);
    expect(lines.filter((line) => line.startsWith("::error::")).length).toBe(20_000);
    const { commands, isStopped } = obeyed(lines.join("\n"));
    expect(commands.map(({ name }) => name)).toEqual(["group", "endgroup"]);
    expect(isStopped).toBe(false);
  }
});
