import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";

const files = {
  "list/workspace.poly":
    "name: w\nblocks: [{name: b, actions: [{name: a, script: [echo]}, {name: install, script: [echo]}]}]\n",
};

test.each([
  ["-w list list", "list -w list"],
  ["--workspace=list list", "list -w list"],
  ["-w list --output json list", "list -w list --output json"],
  ["-w list block list", "list -w list"],
  ["-w list --env A=1 --env B=2 snapshot b a", "snapshot b a -w list --env A=1 --env B=2"],
  ["-w list --explain inspect b", "inspect b -w list --explain"],
])("flags may stand before the command: `polycrate %s` is `polycrate %s`", async (before, after) => {
  using folder = makeFolder(files);
  const of = async (line: string) => {
    const { stdout, ...rest } = await folder.run(line.split(" "));
    return { stdout: stdout.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID"), ...rest };
  };
  expect(await of(before)).toMatchObject({ stderr: "", exitCode: 0 });
  expect(await of(before)).toEqual(await of(after));
});

test("flags of the command may stand before it, those behind it and words behind `--` go with it", async () => {
  using folder = makeFolder(files);
  const { stdout } = await folder.run([
    "-w",
    "list",
    "--dry-run",
    "--image",
    "run",
    "install",
    "b",
    "--",
    "-w",
    "x",
  ]);
  expect(stdout).toContain("# polycrate run b install\n");
  expect(stdout).toContain("\n  run \\\n  -c \\\n");
  expect(stdout).toEndWith("\n  /run/polycrate/entrypoint \\\n  -w \\\n  x\n)\n");
});

test.each([
  ["-w here", "missing command after `-w here`", "`polycrate help` lists the commands"],
  ["--bogus list", "unknown flag `--bogus` for `polycrate list`", "`polycrate list --help` lists its flags"],
  [
    "--loglevel 2 run b a",
    "unknown flag `--loglevel` for `polycrate run`",
    "`polycrate run --verbose` shows docker commands; `--env ANSIBLE_VERBOSITY=1` makes Ansible verbose",
  ],
  [
    "-w list run b a --image-ref=x",
    "unknown flag `--image-ref` for `polycrate run`",
    "use `--image=REFERENCE:VERSION`",
  ],
  [
    "-w list run b a --image-version=x",
    "unknown flag `--image-version` for `polycrate run`",
    "use `--image=REFERENCE:VERSION`",
  ],
  [
    "-w list run b a --local",
    "unknown flag `--local` for `polycrate run`",
    "actions always run in a container; `--image` and `--dockerfile` choose its image",
  ],
  ["run b a --yes=maybe", "`polycrate run`: flag `--yes` does not take a value", "use `--yes` or `--no-yes`"],
])("`polycrate %s` is answered with what to write", async (line, message, hint) => {
  using folder = makeFolder(files);
  expect(await folder.run(line.split(" "))).toEqual({
    stdout: "",
    stderr: `error: ${message}\nhint: ${hint}\n`,
    exitCode: 64,
  });
});

test.each(["run b a -e=A=b", "run b a -eA=b", "run b a -e A=b", "run b a --env=A=b", "-e=A=b run b a"])(
  "`polycrate %s` sets `A` to `b`",
  async (line) => {
    using folder = makeFolder(files);
    const { stdout, stderr } = await folder.run([...line.split(" "), "-w", "list", "--dry-run"]);
    expect(stderr).toBe("");
    expect(stdout).toContain("\n  --env=A=b \\\n");
  },
);

test.each([
  ["--pull=true", "--pull=always"],
  ["--pull=false", "--pull=never"],
  ["--yes=true", "--yes"],
  ["--build=false", "--no-build"],
])("`%s` of the Go program is `%s`", async (older, ours) => {
  using folder = makeFolder(files);
  const script = async (flag: string) => {
    const { stdout, stderr } = await folder.run(["run", "b", "a", "-w", "list", "--dry-run", flag]);
    expect(stderr).toBe("");
    return stdout.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|-[0-9a-f]{12}\b|owner=\S+/g, "ID");
  };
  expect(await script(older)).toBe(await script(ours));
});

test("flags before the command are completed, and so is the command behind them", async () => {
  using folder = makeFolder(files);
  const complete = async (...words: readonly string[]) =>
    (await folder.run(["complete", "fish", "--", ...words])).stdout;
  expect(await complete("-w", "")).toBe("folders\n");
  expect(await complete("-w", "list/.", "sn")).toContain("\nsnapshot\t");
  expect(await complete("-w", "list/.", "--dry")).toContain("\n--dry-run\t");
  expect(await complete("-w", "list/.", "run", "b", "")).toContain("\ninstall\n");
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["run --warm b install", {}, "900"],
  ["--warm run b install", {}, "900"],
  ["run b install --warm=90s", {}, "90"],
  ["run b install", { POLYCRATE_WARM: "2m" }, "120"],
  ["run b install --warm=any", { POLYCRATE_WARM: "2m" }, "900"],
  ["run b install --no-warm", { POLYCRATE_WARM: "2m" }, "not"],
  ["run b install", { POLYCRATE_WARM: "" }, "not"],
  ["exec -- true", { POLYCRATE_WARM: "2m" }, "not"],
])("`polycrate %s` with %j keeps the container: %s", async (line, env, seconds) => {
  using folder = makeFolder(files);
  const words = [...line.split(" ").slice(0, 1), "--dry-run", "-w", "list", ...line.split(" ").slice(1)];
  const ordered = line.startsWith("--") ? [...line.split(" "), "--dry-run", "-w", "list"] : words;
  const { stdout, exitCode } = await folder.run(ordered, { env });
  expect([/--label=polycrate\.warm=(\d+)/.exec(stdout)?.[1] ?? "not", exitCode]).toEqual([seconds, 0]);
});

test.each([
  [["--warm=soon"], {}, "error: invalid value `soon` for `--warm`\n"],
  [[], { POLYCRATE_WARM: "soon" }, "error: invalid value `soon` for `POLYCRATE_WARM`\n"],
])("%j and %j is no duration: 64", async (words, env, message) => {
  using folder = makeFolder(files);
  const { stderr, exitCode } = await folder.run(["run", "-w", "list", "b", "install", ...words], { env });
  expect([stderr.startsWith(message), exitCode]).toEqual([true, 64]);
});
