import { expect, test } from "bun:test";
import { checkCommandLine } from "../../../src/cli/parseArgs.ts";
import { completeInputs, declaredInputs, parseGiven, readInputFlags } from "../../../src/cli/readInputs.ts";
import { PolycrateError } from "../../../src/errors.ts";
import { findAction } from "../../../src/run/findTarget.ts";
import { messageOf } from "../../support/fakes.ts";
import { definitionOf } from "../../support/help.ts";
import { workspaceOf } from "../../support/planning.ts";

const workspace = workspaceOf({
  "workspace.poly": `name: test
blocks:
  - name: web
    actions:
      - name: install
        script: x
        inputs:
          region: {choices: [eu, us], default: eu}
          replicas: {type: integer}
          drain: {type: boolean}
          timeout: {}
          token: {secret: true, required: false}
          no-wait: {}
          wait: {type: boolean}
  - name: strict
    actions:
      - {name: act, script: x, inputs: {a: {required: true, choices: [x, y]}, output: {required: true}, key: {secret: true}}}
`,
});
const declarations = declaredInputs(findAction(workspace, "web", "install"));

/** The inputs that \`polycrate run web install\` reads from these words. */
async function given(words: readonly string[]) {
  const { args } = await definitionOf("run");
  const line = ["web", "install", ...words];
  const { data } = checkCommandLine("run", typeof args === "object" ? args : {}, line, "not known yet");
  return readInputFlags(declarations, data);
}

test.each([
  [[], {}],
  [["--region=us", "--replicas=3"], { region: "us", replicas: "3" }],
  [["--region", "us", "--dry-run", "--replicas", "3", "--env", "A=1"], { region: "us", replicas: "3" }],
  [["--region=us", "--region=eu"], { region: "eu" }],
  [["--drain"], { drain: "true" }],
  [["--no-drain"], { drain: "false" }],
  [["--drain=false"], { drain: "false" }],
  [["--drain", "--no-drain"], { drain: "false" }],
  [["--replicas=-3"], { replicas: "-3" }],
  [["--no-wait=x"], { "no-wait": "x" }],
  [["--wait"], { wait: "true" }],
  [["--timeout=5m"], {}],
  [["--timeout=5m", "--input", "timeout=a=b"], { timeout: "a=b" }],
  [["--input=region=us", "--input", "drain=true"], { region: "us", drain: "true" }],
  [["--", "--region=us"], {}],
])("%j gives %j", async (words, inputs) => {
  expect(Object.fromEntries(await given(words))).toEqual(inputs);
});

const said = (words: readonly string[]) =>
  given(words).then(
    () => "",
    (error: unknown) =>
      error instanceof PolycrateError ? `${error.exitCode}: ${error.message}; ${error.hint}` : String(error),
  );

test.each([
  [["--regio=us"], "64: unknown flag `--regio` for `polycrate run`; did you mean `--region`?"],
  [["--dry-rum"], "64: unknown flag `--dry-rum` for `polycrate run`; did you mean `--dry-run`?"],
  [["--region=as"], "64: `polycrate run`: invalid value `as` for `--region`; use one of eu, us"],
  [["--region"], "64: `polycrate run`: flag `--region` requires a value; use `--region=VALUE`"],
  [
    ["--replicas", "--yes"],
    "64: flag `--replicas` requires a value; a value that starts with `-` follows a `=`: `--replicas=--yes`",
  ],
  [
    ["--region", "us", "more"],
    "64: unexpected argument `more` for `polycrate run`; pass arguments to the action after `--`; `polycrate run --help` shows its usage",
  ],
  [["--input", "regio=us"], "64: the action has no input `regio`; did you mean `region`?"],
  [["--input", "region"], "64: `--input region` has no value; use `--input region=VALUE`"],
  [
    ["--input", "region=us", "--region=eu"],
    "64: `--input region=…` and `--region` set the same input; use one of them",
  ],
  ...["--token=s3cr3t", "--input=token=s3cr3t"].map((word): [string[], string] => [
    [word],
    "64: the secret input `token` cannot be passed on the command line, where other users can read it; set `INPUT_TOKEN` in the environment, or omit it to be asked on a terminal",
  ]),
])("%j is refused: %s", async (words, message) => {
  expect(await said(words)).toBe(message);
});

test("a text of the wrong type is refused, with an example", () => {
  expect(messageOf(() => parseGiven(declarations, new Map([["replicas", "many"]])))).toBe(
    "64: invalid value `many` for the input `replicas`",
  );
});

/** The inputs of an action as `name=text`, and where a secret comes from. */
async function completed(action: [string, string], environment: NodeJS.ProcessEnv, dryRun = false) {
  const found = declaredInputs(findAction(workspace, ...action));
  const requests = [{ title: action.join(" "), declarations: found, given: [] }];
  const [inputs = []] = await completeInputs(requests, { environment, dryRun });
  return inputs.map(({ name, value, variable: { value: text } }) => `${name}=${text} (${String(value)})`);
}

test("without a value an input has its default; a secret comes from the environment", async () => {
  expect(await completed(["web", "install"], {})).toEqual([
    "region=eu (eu)",
    "drain=false (false)",
    "wait=false (false)",
  ]);
  expect(await completed(["web", "install"], { INPUT_TOKEN: "s3cr3t", INPUT_REPLICAS: "3" })).toContain(
    "token=s3cr3t (***)",
  );
});

test.each([
  [
    {},
    false,
    "`strict act` requires the inputs `a`, `output`, `key`",
    "pass `--a=x|y` `--input=output=VALUE`; set `INPUT_KEY` in the environment",
  ],
  [{}, true, "`strict act` requires the inputs `a`, `output`", "pass `--a=x|y` `--input=output=VALUE`"],
  [
    { INPUT_KEY: "" },
    false,
    "`strict act` requires the inputs `a`, `output`, `key`",
    "pass `--a=x|y` `--input=output=VALUE`; set `INPUT_KEY` in the environment",
  ],
])(
  "with %j in the environment, and dry run %p, every missing input is named",
  async (environment, dryRun, message, hint) => {
    const error = await completed(["strict", "act"], environment, dryRun).catch((one: unknown) => one);
    expect(error).toMatchObject({ message, hint, exitCode: 64 });
  },
);

test("a value that Linux cannot pass to a program is refused", async () => {
  const long = "x".repeat(128 * 1024);
  await expect(completed(["web", "install"], { INPUT_TOKEN: long })).rejects.toThrow(
    "the value of `INPUT_TOKEN` is too long: Linux passes at most 128 KiB to a program",
  );
});
