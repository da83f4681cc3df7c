import { printable } from "../errors.ts";
import { excerptText } from "./excerptText.ts";
import type { LogExcerpt } from "./logExcerpt.ts";
import {
  attemptNameOf,
  lastAttempts,
  outcomeOf,
  placeText,
  stepNameOf,
  stepsNotRun,
  tookOf,
} from "./outcome.ts";
import { withoutRunnerCommands } from "./runnerCommands.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/**
 * Returns the report as JUnit XML of the form that Jenkins accepts (junit-10.xsd of its xunit plugin): a suite with a test case
 * for each run, and for each step of a workflow that was not run. `logOf` is called once for each run.
 */
export function junitReport(report: RunReport, logOf: JunitLog): string {
  const { workflow, steps } = report;
  // Of a step that was tried again, only the last attempt is its result.
  const runs = lastAttempts(report.runs);
  const [first] = runs;
  const name = workflow ?? (first === undefined ? "polycrate" : testName(first));
  const notRun = stepsNotRun(steps, runs);
  const { skipped, ...counts } = countsOf(runs, notRun.length);
  const time = secondsOf(runs.reduce((sum, run) => sum + (tookOf(run) ?? 0), 0));
  const facts = first === undefined ? {} : suiteFacts(first);
  const suite = element("testsuite", { name, ...counts, skipped, time, ...facts }, [
    element("properties", {}, suiteProperties(report.runs)),
    ...runs.map((run) => runCase(run, name, logOf)),
    ...notRun.map((step) => skippedCase(step, name)),
  ]);
  const root = element("testsuites", { name: "polycrate", ...counts, time }, [suite]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function countsOf(runs: readonly ReportedRun[], notRun: number) {
  const kinds = runs.map(failureKind);
  const countOf = (kind: CaseKind) => kinds.filter((one) => one === kind).length;
  return {
    ...{ tests: runs.length + notRun, failures: countOf("failure"), errors: countOf("error") },
    skipped: countOf("skipped") + notRun,
  };
}

type JunitLog = (run: ReportedRun) => LogExcerpt;

type CaseKind = "success" | "failure" | "error" | "skipped";

/** JUnit's failure is of what is tested, and its error of what tests it. */
function failureKind({ transaction: { status }, failure }: ReportedRun): CaseKind {
  if (status === "succeeded") return "success";
  if (status === "running") return "skipped";
  return status === "failed" && failure?.by !== "engine" ? "failure" : "error";
}

function testName({ transaction: { block, action } }: ReportedRun): string {
  return `${block} ${action}`;
}

function suiteFacts({ transaction: { started, owner } }: ReportedRun): XmlAttributes {
  return { timestamp: started.toISOString().slice(0, 19), hostname: owner.host };
}

/** Properties of a suite, because the schema has none of a case. */
function suiteProperties(runs: readonly ReportedRun[]): readonly string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { workflowRun, version } = first.transaction;
  const properties = [
    ...(workflowRun === undefined ? [] : [{ name: "workflow_run", value: workflowRun }]),
    ...runs.map((run) => {
      const step = attemptNameOf(run);
      return { name: step === undefined ? "transaction" : `transaction.${step}`, value: run.transaction.id };
    }),
    { name: "polycrate", value: version },
  ];
  return properties.map((one) => element("property", one, []));
}

function runCase(run: ReportedRun, suite: string, logOf: JunitLog): string {
  const step = stepNameOf(run);
  const kind = failureKind(run);
  const log = excerptText(logOf(run), run.log);
  const classname = step === undefined ? suite : `${suite}.${testName(run)}`;
  return element("testcase", { name: step ?? testName(run), classname, time: secondsOf(tookOf(run) ?? 0) }, [
    ...(kind === "success" ? [] : [resultElement(run, kind)]),
    ...(log === "" ? [] : [element("system-out", {}, [xmlText(log)])]),
  ]);
}

function skippedCase(step: string, suite: string): string {
  const skipped = element("skipped", { message: "not run" }, []);
  return element("testcase", { name: step, classname: suite, time: secondsOf(0) }, [skipped]);
}

function resultElement(run: ReportedRun, kind: Exclude<CaseKind, "success">): string {
  const message = `${testName(run)} ${outcomeOf(run)}${placeText(run)}`;
  if (kind === "skipped") return element("skipped", { message }, []);
  const hint = run.failure?.hint;
  const { id, status } = run.transaction;
  const lines = [
    message,
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    `transaction: ${id}`,
    `log: ${run.log}`,
  ];
  return element(kind, { message, type: status }, [xmlText(lines.join("\n"))]);
}

/** Milliseconds in, seconds out. */
function secondsOf(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

type XmlAttributes = Readonly<Record<string, string | number>>;

/** The content is XML already. */
function element(name: string, attributes: XmlAttributes, content: readonly string[]): string {
  const words = Object.entries(attributes).map(([key, value]) => `${key}="${attributeText(String(value))}"`);
  const head = [name, ...words].join(" ");
  return content.length === 0 ? `<${head}/>` : `<${head}>${content.join("")}</${name}>`;
}

/** An attribute's line feeds and tabs would be read as spaces (XML 1.0, 3.3.3). */
function attributeText(text: string): string {
  return xmlText(text)
    .replaceAll('"', "&quot;")
    .replace(/[\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Returns the text as XML 1.0 reads it: what no document may have (2.2), and what a terminal would obey, is an escape. */
function xmlText(text: string): string {
  const escaped = printable(text.toWellFormed().replaceAll("\r\n", "\n"), true)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  return withoutRunnerCommands(escaped);
}
