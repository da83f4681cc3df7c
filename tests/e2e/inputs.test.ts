import { expect, test } from "bun:test";
import { busybox, executable, makeFolder } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

const canary = "canary-1f2e3d-input";

const workspace = `name: test-workspace
config:
  container: {image: "${busybox}"}
blocks:
  - name: web
    actions:
      - name: install
        inputs:
          region: {choices: [eu, us], default: eu}
          api-version: {default: 1.10}
          size: {type: integer, default: 99999999999999999999}
          drain: {type: boolean}
          note: {}
          token: {secret: true}
        script:
          - echo "$INPUT_REGION $INPUT_API_VERSION $INPUT_SIZE $INPUT_DRAIN \${INPUT_NOTE-unset}"
          - printf '%s\\n' "$INPUT_TOKEN"; [ "\${#INPUT_TOKEN}" = ${canary.length} ]
          - sed -n '/^action:/,/^  script:/p' "$POLYCRATE_SNAPSHOT_FILE" | sed 1d
workflows:
  - name: release
    steps:
      - {name: one, block: web, action: install, inputs: {size: 7, token: {from_env: ONE}}}
      - {name: two, block: web, action: install, inputs: {note: "a: b, 'c'"}}
`;

test("an action reads its inputs; a secret is in no file, and asked for again by `rerun`", async () => {
  using folder = makeFolder({ "workspace.poly": workspace });
  const env = { INPUT_TOKEN: canary };
  const { stdout, exitCode } = await folder.run(
    ["run", "web", "install", "--region=us", "--drain", "--input", "note=$(x) `y` 'z'", "--", "arg"],
    { env },
  );
  expect(stdout).toBe(`us 1.10 99999999999999999999 true $(x) \`y\` 'z'
***
  name: install
  inputs:
    region: us
    api-version: "1.10"
    size: 99999999999999999999
    drain: true
    note: $(x) \`y\` 'z'
    token: "***"
  script:
`);
  expect(exitCode).toBe(0);
  expect((await folder.run(["run", "web", "install"], { env })).exitCode).toBe(0);

  const [first = {}, second = {}] = folder.records();
  expect(first.inputs).toMatchObject({ region: "us", "api-version": "1.10", drain: true, token: "***" });
  const diff = await folder.run(["history", "diff", String(first.id), String(second.id)]);
  const keys = [...diff.stdout.matchAll(/^\S+/gm)].map(([key]) => key);
  expect(keys).toEqual(["KEY", "arguments", "inputs.region", "inputs.drain", "inputs.note", "duration"]);

  const refused = await folder.run(["rerun", String(first.id), "--yes"]);
  expect(refused).toMatchObject({ exitCode: 64 });
  expect(refused.stderr).toContain("`web install` requires the input `token`");
  const again = await folder.run(["rerun", String(first.id), "--yes"], { env });
  expect(again.stdout).toBe(stdout);
  expect(again.stderr).toContain("polycrate run web install --region=us");

  const found = folder.glob("**/*").filter((name) => folder.read(name).includes(canary));
  expect(found).toEqual([]);
});

test("the steps of a workflow pass inputs, and name where a secret comes from", async () => {
  using folder = makeFolder({ "workspace.poly": workspace });
  const env = { INPUT_TOKEN: canary, ONE: canary };
  const { stdout, exitCode } = await folder.run(["run", "release"], { env });
  expect(exitCode).toBe(0);
  expect(stdout.match(/^eu .*$/gm)).toEqual([
    "eu 1.10 7 false unset",
    "eu 1.10 99999999999999999999 false a: b, 'c'",
  ]);
  const script = await folder.run(["run", "release", "--dry-run"], { env });
  expect(script.stdout).not.toContain(`=${canary}`);
  expect(script.stdout).toContain("=${ONE?}; export");
  const records = folder.records();
  expect(records.map(({ inputs }) => inputs)).toMatchObject([{ size: 7 }, { note: "a: b, 'c'" }]);
  // The secret comes from where the step takes it, so nothing is missing.
  const again = await folder.run(["rerun", String(records[0]?.id), "--yes"], { env: { ONE: canary } });
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.stdout).toStartWith("eu 1.10 7 false unset\n***\n");
});

test("on a terminal missing inputs are asked for, a secret without echo", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config:
  container: {image: "${busybox}"}
blocks:
  - name: web
    actions:
      - name: scale
        inputs:
          region: {choices: [eu, us], required: true, description: Where to}
          size: {type: integer, required: true}
          token: {secret: true}
        script: echo "$INPUT_REGION-$INPUT_SIZE-\${#INPUT_TOKEN}-end"
`,
  });
  const words = [executable, "run", "web", "scale"];
  await using screen = openScreen(words, { directory: folder.path, columns: 80, env: {} });
  await screen.until("region: Where to");
  screen.type("\u001b[B\r");
  await screen.until("size");
  screen.type("many\r");
  await screen.until("expected an integer");
  screen.type("\u007f\u007f\u007f\u007f7\r");
  await screen.until("token");
  screen.type(`${canary}\r`);
  const shown = await screen.until("scale succeeded");
  expect(shown).toContain(`us-7-${canary.length}-end`);
  expect(shown).not.toContain(canary);
  expect(folder.records()[0]?.inputs).toEqual({ region: "us", size: 7, token: "***" });
});
