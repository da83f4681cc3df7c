import { expect, test } from "bun:test";
import { describeRerun, readRerun } from "../../../src/cli/rerun.ts";
import { readYaml } from "../../../src/yaml/read.ts";
import { isYamlMap } from "../../../src/yaml/value.ts";
import { messageOf } from "../../support/fakes.ts";
import { workspaceOf } from "../../support/planning.ts";

const workspace = workspaceOf({
  "workspace.poly": `name: test
blocks:
  - name: web
    actions:
      - {name: act, script: x}
      - {name: play, playbook: site.yml}
      - {name: scale, script: x, inputs: {region: {}, timeout: {}, size: {type: integer}, token: {secret: true}}}
workflows:
  - {name: w, steps: [{name: s, block: web, action: act}]}
  - {name: g, steps: [{name: s, block: web, action: act, arguments: [--x], timeout: 5m, matrix: {n: [1, 2]}}]}
`,
  "site.yml": "",
});

const id = "01a20e8a-0000-7000-8000-00c0ffee0001";

/** What a run with this record is repeated with, as a command line. */
function rerunOf(text: string, failedHosts = false): string {
  const { value } = readYaml(text);
  const record = isYamlMap(value) ? value : new Map();
  return describeRerun(
    readRerun(workspace, { id, status: "failed", record, file: "", log: "" }, failedHosts),
  );
}

/** What a playbook with this recap is repeated with on the hosts that failed. */
const onFailed = (hosts: readonly string[], words = "[]") =>
  rerunOf(`block: web\naction: play\narguments: ${words}\nhosts: [${hosts.join(", ")}]`, true);

const failed = (host: string) => `{host: ${JSON.stringify(host)}, failed: 1, unreachable: 0}`;

test.each([
  ["arguments: []", "polycrate run web act"],
  ["arguments: [--x, 'a b']", "polycrate run web act -- --x 'a b'"],
  ['arguments: ["\\e[1m"]', `polycrate run web act -- "$(printf '\\033')"'[1m'`],
  ["arguments: []\nworkflow: w\nstep: s", "polycrate run w --step=s"],
  [
    'action: scale\narguments: [x]\ninputs: {region: "a b", timeout: 5m, size: 3, token: "***"}',
    "polycrate run web scale '--region=a b' --input=timeout=5m --size=3 -- x",
  ],
  [
    "arguments: [--x, a]\nworkflow: g\nstep: s\nmatrix: {n: '2'}",
    "polycrate run g --step=s --matrix=n=2 -- a",
  ],
])("a record with %j is repeated as %s", (fields, expected) => {
  const action = fields.startsWith("action:") ? "" : "action: act\n";
  expect(rerunOf(`block: web\n${action}${fields}`)).toBe(expected);
});

test.each([
  [
    "block: web\naction: act",
    "64: the record of 01a20e8a-0000-7000 does not contain the arguments of the run",
  ],
  [
    "block: web\naction: act\narguments: ['--token=***']",
    "64: an argument of the run contained a secret, which is not recorded",
  ],
  [
    "block: web\naction: scale\narguments: []\ninputs: {gone: 1}",
    "64: action `web scale` no longer has an input `gone`",
  ],
  [
    "block: web\naction: scale\narguments: []\ninputs: {region: 'x***'}",
    "64: the value of the input `region` contained a secret, which is not recorded",
  ],
  ["arguments: []", "64: the record of 01a20e8a-0000-7000 does not name a block and an action"],
  [
    "block: web\naction: play\narguments: []\nworkflow: w\nstep: s",
    "64: workflow `w` no longer has a step `s` that runs `web play`",
  ],
  [
    "block: web\naction: act\narguments: []\nworkflow: w\nstep: t",
    "64: workflow `w` no longer has a step `t` that runs `web act`",
  ],
  [
    "block: web\naction: act\narguments: []\nworkflow: g\nstep: s\nmatrix: {n: '3'}",
    "64: workflow `g` no longer has a step `s (n=3)` that runs `web act`",
  ],
])("a record with %j is refused", (text, message) => {
  expect(messageOf(() => rerunOf(text))).toBe(message);
});

test("an action that does not exist any more is an error as for `run`: 64", () => {
  expect(messageOf(() => rerunOf("block: web\naction: gone\narguments: []"))).toStartWith("64: ");
});

test("a playbook is limited to the hosts that failed or were unreachable", () => {
  const gone = "{host: gone-1.example, failed: 0, unreachable: 2}";
  const good = "{host: good, failed: 0, unreachable: 0, ok: 1}";
  expect(onFailed([failed("db_1"), good, gone])).toBe(
    "polycrate run web play -- --limit=db_1,gone-1.example",
  );
  expect(onFailed([failed("db")], "[--limit, all, --check, --, more]")).toBe(
    "polycrate run web play -- --limit all --check --limit=db -- more",
  );
  expect(messageOf(() => onFailed([good]))).toBe(
    "64: no host failed or was unreachable in 01a20e8a-0000-7000",
  );
  expect(messageOf(() => rerunOf("block: web\naction: act\narguments: []", true))).toBe(
    "64: action `act` does not run a playbook",
  );
});

test.each([
  "all",
  "ungrouped",
  "@/etc/passwd",
  "~.*",
  "!web",
  "&web",
  "web*",
  "web[0]",
  "a,b",
  "a:b",
  "a b",
  "-x",
  "",
  "***",
])("a host named %j is a pattern to `--limit`, and refused", (host) => {
  expect(messageOf(() => onFailed([failed("db"), failed(host)]))).toStartWith("64: ");
});
