import { expect, test } from "bun:test";
import { htmlReport } from "../../../src/reports/html.ts";
import type { RunReport } from "../../../src/reports/runReport.ts";
import {
  actionReport,
  at,
  graphReport,
  hostileText,
  reportedRun,
  shortLog,
  workflowReport,
} from "../../support/reports.ts";

const page = (report: RunReport, log = "Hello\n") => htmlReport(report, () => shortLog(log));

/** The text of the elements with this name. */
function texts(markup: string, element: string): readonly string[] {
  return [...markup.matchAll(new RegExp(`<${element}\\b[^>]*>(.*?)</${element}>`, "gs"))].map(
    ([, text = ""]) => text.replace(/<[^>]*>/g, ""),
  );
}

test("the outcome is the title and the first heading, and why comes next", () => {
  const markup = page(workflowReport());
  expect(texts(markup, "title")[0]).toBe("✗ release failed");
  expect(texts(markup, "h1")).toEqual(["release ✗ failed"]);
  const [header = ""] = texts(markup, "header");
  expect(header).toContain("deploy: web install failed with exit code 7 in item 2 of the script, line 3");
  expect(header).toContain("Hint: see what terraform plan says");
  expect(header).toContain("Steps run2 of 3");
});

test("a workflow has a section for each run; an action has its parts", () => {
  expect(texts(page(workflowReport()), "h2")).toEqual([
    "Times",
    "check: web check ✓ succeeded",
    "deploy: web install ✗ failed",
  ]);
  expect(texts(page(actionReport()), "h2")).toEqual(["Times", "Log", "Artifacts", "What ran"]);
});

test.each([
  ["succeeded", 3, "release ✓ succeeded"],
  ["succeeded", 4, "release ■ interrupted"],
  ["timed_out", 3, "release ✗ timed out"],
  ["lost", 3, "release ? lost"],
  ["running", 3, "release ▶ running"],
] as const)("a workflow whose last run is %s, of %d steps", (status, count, heading) => {
  const steps = Array.from({ length: count }, (_, index) => `step ${index}`);
  const runs = [reportedRun(), reportedRun(), reportedRun({ transaction: { status } })];
  expect(texts(page({ workflow: "release", steps, runs }), "h1")).toEqual([heading]);
});

test("of a past workflow it is known how many steps ran, and not how many there were", () => {
  const markup = page({ workflow: "release", steps: [], runs: [reportedRun(), reportedRun()] });
  expect(markup).toContain("<dt>Steps run</dt><dd>2</dd>");
  expect(texts(markup, "h1")).toEqual(["release ✓ succeeded"]);
});

test("a report without a run says so", () => {
  expect(texts(page({ workflow: "release", steps: ["a"], runs: [] }), "header")[0]).toContain(
    "Nothing was run.",
  );
});

test("what ran is there: image, commit, user, times, command", () => {
  const markup = page(
    actionReport({
      transaction: {
        containerExitCode: 3,
        inspected: 42.5,
        command: ["docker", "run", "'a b'"],
        finished: at(65),
      },
    }),
  );
  const facts = [...markup.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(
    ([, name, value = ""]) => `${name}: ${value.replace(/<[^>]*>/g, "")}`,
  );
  expect(facts).toEqual([
    ...["Duration: 1 min 5 s", "Started: 2026-01-31 12:00:00 UTC", "Exit code: 0", "User: anna"],
    ...["Status: succeeded", "Exit code: 0", "Container’s exit code: 3"],
    ...[
      "Started: 2026-01-31 12:00:00 UTC",
      "Finished: 2026-01-31 12:01:05 UTC",
      "Shell open for: 42.5 s",
      "User: anna",
    ],
    ...["Image: debian:12-slim", `Image id: sha256:${"1f".repeat(32)}`, `Commit: ${"3f".repeat(20)}`],
    ...["Workspace: /srv/infra", "Log: .logs/2026/01/31/0198a1b2-0000-7000-8000-000000000001.log"],
    ...["Transaction: 0198a1b2-0000-7000-8000-000000000001", "polycrate: 1.2.3"],
  ]);
  expect(markup).toContain("<summary>Command</summary><pre><code>docker run 'a b'</code></pre>");
});

test("what a record knows of its image, its files, its arguments and its hosts is in the page", () => {
  const hash = "5a".repeat(32);
  const counts = { ok: 3, changed: 1, unreachable: 0, failed: 2, skipped: 0, rescued: 0, ignored: 0 };
  const transaction = {
    ...{ imageDigest: "debian@sha256:7", dirty: true, snapshotHash: hash, arguments: ["--region", "e u"] },
    artifacts: [{ path: "a", size: 1, change: "new", uid: 0, sha256: hash } as const],
    hosts: [{ host: "<web>", ...counts }],
  };
  const markup = page(actionReport({ transaction }));
  expect(texts(markup, "h2")).toEqual(["Times", "Log", "Hosts", "Artifacts (1)", "What ran"]);
  for (const piece of [
    "<dt>Image digest</dt><dd><code>debian@sha256:7</code></dd>",
    `<dt>Commit</dt><dd><code>${"3f".repeat(20)}</code> and changes</dd>`,
    "<dt>Arguments</dt><dd><code>--region 'e u'</code></dd>",
    `<dt>Snapshot</dt><dd><code>${hash}</code></dd>`,
    `<td>new</td><td><code>${hash}</code></td>`,
    '<th scope="row">&lt;web&gt;</th><td>3</td><td>1</td><td>0</td><td>2</td>',
  ]) {
    expect(markup).toContain(piece);
  }
});

test("many artifacts are folded, and thousands are counted", () => {
  const artifacts = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...({ change: "new", size: 1000, uid: 0, sha256: undefined } as const),
      path: `artifacts/${index}`,
    }));
  const few = page(actionReport({ transaction: { artifacts: artifacts(20) } }));
  expect(few).toContain("Artifacts (20)</h2>\n<div");
  const many = page(actionReport({ transaction: { artifacts: artifacts(21) } }));
  expect(many).toContain("<summary>21 files, 21.0 kB</summary>");
  const thousands = page(actionReport({ transaction: { artifacts: artifacts(1002) } }));
  expect(thousands).toContain("<p>2 more files; the record names all of them.</p>");
  expect(thousands).not.toContain("artifacts/1000<");
});

test("nothing that a workspace or an action wrote is markup", () => {
  const report = actionReport({
    transaction: {
      ...{
        status: "failed",
        block: hostileText,
        action: hostileText,
        image: hostileText,
        user: hostileText,
        id: hostileText,
      },
      ...{ command: [hostileText], workspace: hostileText, commit: hostileText },
      artifacts: [{ path: hostileText, size: 1, change: "new", uid: 0, sha256: undefined }],
    },
    failure: { by: "action", message: hostileText, hint: hostileText, place: undefined },
  });
  const markup = page(report, hostileText);
  expect(markup).not.toMatch(/<(?:script|img|iframe|!--|!\[)/i);
  expect(markup).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\son\w+=/);
  expect(markup).not.toMatch(
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/,
  );
  expect(texts(markup, "header")[0]).toContain("Hint: &lt;/script&gt;");
  expect(markup).toContain("\\u202e");
});

test("the page asks for nothing: its policy refuses all but its own style and icon", () => {
  const markup = page(workflowReport());
  const [style = ""] = texts(markup, "style");
  const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64");
  expect(markup).toContain(
    `content="default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'"`,
  );
  expect(markup).not.toMatch(/\b(?:src|srcset|action|poster|data)=|url\((?!#)|@import/);
  const addresses = [...markup.matchAll(/href="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.filter((address) => !/^(?:#|data:image\/svg\+xml,)/.test(address ?? ""))).toEqual([]);
});

test("no two elements have one id, and what is referred to is there", () => {
  const markup = page(workflowReport());
  const ids = [...markup.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const references = [...markup.matchAll(/(?:href="#|url\(#|aria-labelledby=")([^")]*)/g)].flatMap(
    ([, names = ""]) => names.split(" "),
  );
  expect(references.filter((name) => !ids.includes(name))).toEqual([]);
});

test("the page of a log of colours is not many times as large as the log", () => {
  const line = "\x1b[0;32mok: [web1]\x1b[0m => changed \x1b[1mtask\x1b[0m\n";
  const log = line.repeat(262_144 / line.length);
  expect(page(actionReport(), log).length).toBeLessThan(3 * 262_144);
});

test("the elements are those of HTML and SVG, and the times are a table", () => {
  const markup = page(graphReport());
  const names = [...new Set(Array.from(markup.matchAll(/<([A-Za-z][^\s>]*)/g), ([, name = ""]) => name))];
  const known = "a body code dd desc details div dl dt figcaption figure footer g h1 h2 h3 head header html";
  const more =
    "line link main meta p path pattern pre rect section span style summary svg table tbody td text";
  const rest = "defs th thead time title tr";
  expect(names.filter((name) => !`${known} ${more} ${rest}`.split(" ").includes(name))).toEqual([]);
  expect(names).toContain("table");
  expect(texts(markup, "h2").slice(0, 2)).toEqual(["Steps", "Times"]);
});
