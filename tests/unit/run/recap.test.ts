import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { readRecap } from "../../../src/run/recap.ts";
import { container, execution } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

const zero = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

const recapOf = (text: string, secrets: readonly string[] = []) => {
  using folder = makeFolder({ recap: text });
  return readRecap(
    join(folder.path, "status"),
    secrets.map((secret) => Buffer.from(secret)),
  );
};

test("the counts of each host are read, by name, and those of several playbooks are added", () => {
  const web = { ok: 5, failures: 1, unreachable: 2, changed: 3, skipped: 4, rescued: 6, ignored: 7 };
  expect(
    recapOf(
      `${JSON.stringify({ web, db: { ok: 1 } })}\n${JSON.stringify({ web: { ok: 1, failures: 1 } })}\n`,
    ),
  ).toEqual([
    { host: "db", ...zero, ok: 1 },
    { host: "web", ok: 6, changed: 3, unreachable: 2, failed: 2, skipped: 4, rescued: 6, ignored: 7 },
  ]);
});

test.each([
  ["", []],
  ["x\n[1]\nnull\n1", []],
  ['{"a":null}', [{ host: "a", ...zero }]],
  [
    '{"a":{"ok":-1,"changed":1.5,"skipped":"1","failures":1e300,"ignored":2}}',
    [{ host: "a", ...zero, ignored: 2 }],
  ],
  ['{"__proto__":{"ok":1}}', [{ host: "__proto__", ...zero, ok: 1 }]],
  [`{"${"x".repeat(256)}":{"ok":1}}`, []],
])("a file with %j has the hosts %j", (text, hosts) => {
  expect(recapOf(text)).toEqual(hosts);
});

test("a secret in a host's name is masked, and there is a limit of hosts", () => {
  expect(
    recapOf('{"s3cret.example":{"ok":1},"s3cret.test":{"ok":1}}', ["s3cret"]).map(({ host }) => host),
  ).toEqual(["***.example", "***.test"]);
  const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`h${index}`, { ok: 1 }]));
  expect(recapOf(JSON.stringify(many))).toHaveLength(10_000);
});

test("a link and a file without end have no hosts", () => {
  using folder = makeFolder({ other: '{"a":{"ok":1}}' });
  symlinkSync("other", join(folder.path, "recap"));
  expect(readRecap(join(folder.path, "status"), [])).toEqual([]);
  expect(recapOf(`{"a":{"ok":1}}\n${"x".repeat(4_000_000)}`)).toEqual([]);
});

test("the events tell the recap when the container has ended", async () => {
  using folder = makeFolder({});
  const text = `echo started >status; echo '{"web":{"ok":2}}' >recap`;
  const { events, done } = execution(folder, [container(folder, text)]);
  await done;
  expect(events.at(-1)).toMatchObject({ type: "recap", hosts: [{ host: "web", ...zero, ok: 2 }] });
});
