import { expect, test } from "bun:test";
import { type CallOptions, makeFolder } from "../support/harness.ts";

const workspace = `name: test
blocks:
  - name: web
    actions:
      - name: install
        description: Install the shop.
        script: x
        inputs:
          region: {choices: [eu, us], default: eu, description: Where to.}
          replicas: {type: integer, required: true, description: How many}
          drain: {type: boolean}
          timeout: {default: "5"}
          token: {secret: true, description: The token.}
      - {name: plain, script: x}
workflows:
  - name: release
    steps: [{name: one, block: web, action: install, inputs: {replicas: 3}}]
  - name: wrong
    steps: [{name: one, block: web, action: install, inputs: {replica: 3}}]
`;

async function run(words: string, options: CallOptions = {}) {
  using folder = makeFolder({ "workspace.poly": workspace });
  return await folder.run(words.split(" "), options);
}

test("the help of an action shows its inputs", async () => {
  expect(await run("run web install --help")).toEqual({
    stdout: `Install the shop.

Usage: polycrate run web install [FLAGS] [-- ARGUMENTS]

Inputs:
  --region=eu|us         Where to. Default: eu.
  --replicas=INTEGER     How many. Required.
  --drain                Default: false.
  --no-drain
  --input=timeout=VALUE  Default: 5.

Secret inputs:
  INPUT_TOKEN  The token. Set it in the environment; on a terminal, polycrate
               asks for it.

\`polycrate run --help\` shows the flags, and \`polycrate help inputs\` explains
inputs.
`,
    stderr: "",
    exitCode: 0,
  });
});

test.each(["install web --help", "run -w . web install -h", "run --region=eu web install --help"])(
  "`polycrate %s` is the same help",
  async (words) => {
    expect((await run(words)).stdout).toBe((await run("run web install --help")).stdout);
  },
);

test("`install BLOCK` takes the inputs of the action, also with a value as a word of its own", async () => {
  const { stdout, exitCode } = await run("install web --region us --replicas 3 --dry-run");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("\n  --env=INPUT_REGION=us \\\n  --env=INPUT_REPLICAS=3 \\\n");
});

test("the help of `run` needs no workspace, and is shown for an action that does not exist", async () => {
  using folder = makeFolder({ "workspace.poly": "{" });
  const help = await folder.run(["run", "--help"]);
  expect(help).toMatchObject({ stderr: "", exitCode: 0 });
  const { stdout, stderr, exitCode } = await run("run web instal --help");
  expect({ stdout, exitCode }).toEqual({ stdout: help.stdout, exitCode: 0 });
  expect(stderr).toBe("warning: cannot show the inputs of the action: block `web` has no action `instal`\n");
});

test("without a terminal every missing input is named: 64", async () => {
  expect(await run("run web install")).toEqual({
    stdout: "",
    stderr: `error: \`web install\` requires the inputs \`replicas\`, \`token\`
hint: pass \`--replicas=INTEGER\`; set \`INPUT_TOKEN\` in the environment
`,
    exitCode: 64,
  });
});

test.each([
  ["run web install --regio=eu", "unknown flag `--regio` for `polycrate run`", "did you mean `--region`?"],
  ["run web plain --dry-rum", "unknown flag `--dry-rum` for `polycrate run`", "did you mean `--dry-run`?"],
  [
    "run release --region=eu",
    "unknown flag `--region` for `polycrate run`",
    "`polycrate run --help` lists its flags",
  ],
  [
    "run release --input region=eu",
    "`release` is a workflow, which has no inputs",
    "pass them in `workspace.poly`: the key `inputs` of a step",
  ],
  ["run release", "`one` requires the input `token`", "set `INPUT_TOKEN` in the environment"],
])("`polycrate %s` fails: %s", async (words, message, hint) => {
  expect(await run(words)).toEqual({
    stdout: "",
    stderr: `error: ${message}\nhint: ${hint}\n`,
    exitCode: 64,
  });
});

test("a step that does not pass what its action declares is an error of the workspace, where it is: 65", async () => {
  const { stderr, exitCode } = await run("run wrong");
  expect(stderr).toContain("workspace.poly:19:63: the step's action has no input `replica`");
  expect(stderr).toContain("workspace.poly:19:54: the step does not pass the required input `replicas`");
  expect(exitCode).toBe(65);
});

test("a variable of an input is not set by anything else", async () => {
  const { stderr, exitCode } = await run("run web install --replicas=3 --env INPUT_REGION=us", {
    env: { INPUT_TOKEN: "s3cr3t" },
  });
  expect(stderr).toStartWith(
    "error: `--env`: the variable `INPUT_REGION` is set by an input of the action\n",
  );
  expect(exitCode).toBe(64);
});

test("a printed script takes a secret from the environment of its shell, and has no value of it", async () => {
  const words = "run web install --replicas=3 --dry-run";
  const { stdout, exitCode } = await run(words, { env: { INPUT_TOKEN: "s3cr3t" } });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("POLYCRATE_ENV_INPUT_TOKEN=${INPUT_TOKEN?}; export POLYCRATE_ENV_INPUT_TOKEN\n");
  expect(stdout).toContain("\n  --env=INPUT_REPLICAS=3 \\\n");
  expect(stdout).not.toContain("s3cr3t");
  const without = await run(words);
  const steady = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID");
  expect(steady(without.stdout).length).toBe(steady(stdout).length);
});

test("`list --output=json` has the declarations of an action's inputs", async () => {
  const { stdout } = await run("list --output=json");
  const [install, plain] = JSON.parse(stdout).blocks[0].actions;
  expect(plain.inputs).toEqual([]);
  expect(install.inputs[1]).toEqual({
    ...{ name: "replicas", variable: "INPUT_REPLICAS", type: "integer", description: "How many" },
    ...{ default: null, choices: [], required: true, secret: false },
  });
});
