import { expect, test } from "bun:test";
import { containersOf } from "../support/docker.ts";
import { busybox, call, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

/** Runs the action, and the script that its dry run prints, and expects the same of both. */
async function expectEqual(
  folder: Folder,
  words: readonly string[],
  shell = "sh",
  env: Readonly<Record<string, string>> = {},
) {
  const run = await folder.run(["run", ...words], { env });
  const artifacts = folder.glob("artifacts/**").map((path) => [path, folder.read(path)]);
  const at = words.indexOf("--");
  const flags = at < 0 ? [...words, "--dry-run"] : [...words.slice(0, at), "--dry-run", ...words.slice(at)];
  const dry = await folder.run(["run", ...flags], { env });
  expect(dry.stderr).toBe("");
  const printed = await call([shell], { directory: "/", input: dry.stdout, env });
  expect(printed.stdout).toBe(run.stdout);
  expect(printed.exitCode).toBe(run.exitCode);
  expect(folder.glob("artifacts/**").map((path) => [path, folder.read(path)])).toEqual(artifacts);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
  expect(await containersOf(folder)).toEqual([]);
  return { run, script: dry.stdout, printed };
}

test.each(["sh", "bash", "zsh"])(
  "what a dry run prints does the same in %s, with everything that wants quoting",
  async (shell) => {
    using folder = makeFolder(
      {
        "workspace.poly": workspaceWith(
          `
- name: show
  script:
    - printf '%s|' "$LINES" "$DOLLAR" "$TICKS" "$SINGLE" "$DOUBLE" "$UMLAUT" "$BANG" "$EMPTY" "$TAIL" "$@"
    - echo "$PWD" | tee "$POLYCRATE_BLOCK_ARTIFACTS/where"
    - echo END; exit 3`,
          String.raw`
env:
  LINES: "one\ntwo\n\nEND\n"
  DOLLAR: $HOME ${"$"}{PATH} $(id)
  TICKS: "${"`"}id${"`"} \\ \\n"
  SINGLE: it's 'quoted'
  DOUBLE: say "hi"
  UMLAUT: äöü €
  BANG: "!! !1"
  EMPTY: ""
  TAIL: "ends with a line feed\n"
docker_flags: ["--label a='b \"c\"'\"d\""]`,
        ),
      },
      `sp ace,co:mma'quote"ä`,
    );
    const { run } = await expectEqual(
      folder,
      ["b", "show", "--", "a b", "*", "", "-x", "it's", "$HOME"],
      shell,
    );
    expect(run).toMatchObject({ exitCode: 3 });
    expect(run.stdout).toContain("a b|*||-x|it's|$HOME|/workspace\n");
  },
  30_000,
);

test("marks that turn the direction of text reach an action by a printed script that shows them", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      '- {name: show, script: ["echo \\"$TEXT \\u202e$1\\"; grep -c TEXT $POLYCRATE_SNAPSHOT_FILE"]}',
      'env: {TEXT: "a\\u202eb"}',
    ),
  });
  const { run, script } = await expectEqual(folder, ["b", "show", "--", "\u2066"]);
  expect(run.stdout).toStartWith("a\u202eb \u202e\u2066\n");
  expect(script).not.toMatch(/[\u202e\u2066]/);
});

test("the words of docker_flags are printed as they were written", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: show, script: ['echo \"$(hostname) $(id -u)\"']}",
      'docker_flags: ["--hostname=$HOST_NAME", "--user \\"$(id -u)\\":$(id -g)"]',
    ),
  });
  const { run, script } = await expectEqual(folder, ["b", "show"], "sh", { HOST_NAME: "my-host" });
  expect(run.stdout).toBe(`my-host ${process.getuid?.()}\n`);
  expect(script).toContain('  --hostname="${HOST_NAME?}" \\\n  --user \\\n  "$(id -u)":"$(id -g)" \\\n');
  expect(script).not.toContain("my-host");
});

test("a Dockerfile is built by the printed script, and not a second time", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: show, script: cat /file}"),
    "Dockerfile.poly": `FROM ${busybox}\nCOPY file /file\nRUN echo more >>/file\n`,
    file: `content ${Math.random()}\n`,
  });
  const dry = await folder.run(["run", "b", "show", "--dry-run"]);
  const reference = /polycrate-workspace:[0-9a-f]+/.exec(dry.stdout)?.[0] ?? "";
  try {
    const first = await call(["sh"], { directory: "/", input: dry.stdout });
    expect(first.stdout).toEndWith(`${folder.read("file")}more\n`);
    const second = await folder.run(["run", "b", "show"]);
    expect(second.stdout).toBe(`${folder.read("file")}more\n`);
    expect(second.stderr).not.toContain("Step");
  } finally {
    await call(["docker", "image", "rm", reference, "polycrate-workspace:latest"]);
  }
}, 30_000);
