import { expect, test } from "bun:test";
import fc from "fast-check";
import { parse } from "yaml";
import { makeFolder } from "../support/harness.ts";

/** An image of Debian with python3 and PyYAML, made by the set-up script. */
const debian = "polycrate-test:debian";

const delicate = [
  ...[
    "yes",
    "no",
    "on",
    "off",
    "null",
    "~",
    "012",
    "0o14",
    "1:30",
    "0x1F",
    "1e3",
    "1_000",
    "2024-01-01",
    "=",
    "<<",
    "- a",
    "a: b",
    "#",
    "",
  ],
  ...[
    "one\ntwo\n",
    "  indented\nlines\n\n",
    "tab\there",
    "\u0000\u0007\u001b[31m",
    "\u0085\u2028\u2029\ufeff",
    "🚀 ünïcode",
    "\\n",
    "'\"`$",
  ],
];

test("the snapshot in a container means the same to PyYAML as to yaml, whatever strings it holds", async () => {
  const random = fc.sample(fc.string({ unit: "binary", maxLength: 30 }), { numRuns: 300, seed: 7 });
  const config = Object.fromEntries(
    [...delicate, ...random].map((value, index) => [`key${index}`, value.toWellFormed()]),
  );
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace\nconfig: {container: {image: "${debian}"}}`,
    "blocks/b/block.poly": `name: b\nconfig: ${JSON.stringify(config).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)}
actions:
  - name: read
    script:
      - |
        python3 - <<'PYTHON'
        import json, os, yaml
        print(json.dumps(yaml.safe_load(open(os.environ["POLYCRATE_SNAPSHOT_FILE"]))["block"]["config"]))
        PYTHON
  - {name: show, script: cat "$POLYCRATE_SNAPSHOT_FILE"}
`,
  });
  const inPython = await folder.run(["run", "b", "read"]);
  expect(inPython.stderr).toContain("b read succeeded");
  expect(JSON.parse(inPython.stdout)).toEqual(config);
  const shown = await folder.run(["run", "b", "show"]);
  expect(parse(shown.stdout).block.config).toEqual(config);
}, 30_000);

test("`polycrate snapshot` differs from a run's snapshot in nothing but the transaction", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "${debian}", env: {A: b}}}
blocks: [{name: b, actions: [{name: show, script: 'cat "$POLYCRATE_SNAPSHOT_FILE"'}]}]`,
  });
  const withoutId = (text: string) =>
    text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(/^# transaction ID\n/, "");
  const run = await folder.run(["run", "b", "show"]);
  expect(withoutId((await folder.run(["snapshot", "b", "show"])).stdout)).toBe(withoutId(run.stdout));
});

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
