import { homedir } from "node:os";
import { defineCommand } from "citty";
import { checkDocker } from "../../doctor/checkDocker.ts";
import { readDockerFacts } from "../../doctor/dockerFacts.ts";
import type { DockerFacts } from "../../doctor/engineFacts.ts";
import type { Engine } from "../../engine/engine.ts";
import { counted, exitCodes, PolycrateError, printable } from "../../errors.ts";
import { tryCapture } from "../../host/capture.ts";
import { stdout } from "../../host/output.ts";
import { type Host, thisHost } from "../../host/stdio.ts";
import type { StopSignal } from "../../run/cancellation.ts";
import { findEngine } from "../../run/findEngine.ts";
import { observeImage } from "../../run/observeImage.ts";
import type { CheckOutcome } from "../../selfTest/check.ts";
import { checkNames, runSelfTest, selfTestFacts } from "../../selfTest/selfTest.ts";
import { loadWorkspace } from "../../workspace/load.ts";
import { workspaceLocation } from "../../workspace/locate.ts";
import { defaultImage } from "../../workspace/poly/schema/container.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { formatJson } from "../output/json.ts";
import { paint } from "../output/table.ts";
import { wrapWords } from "../output/wrapWords.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "self-test",
    description:
      "Run actions on your engine, in a temporary workspace, to check that it does what polycrate requires. Its output is made for bug reports.",
  },
  args: {
    ...workspaceFlags,
    ...contextFlags,
    image: {
      type: "string",
      valueHint: "REF",
      description:
        "Run in this image, which must have a shell. Default: the workspace's, or the default image.",
    },
    only: {
      type: "enum",
      options: [...checkNames],
      valueHint: "CHECK",
      description: `Run only this check. May be repeated. The checks: ${checkNames.join(", ")}.`,
    },
    output: { type: "enum", options: ["json"], description: "Print the result as JSON." },
  },
  run: async ({ args, data }) => {
    const { all, onSignal }: CommandData = data;
    const host = thisHost();
    const engine = findEngine(undefined, { program: args.engine, flag: args.context });
    const dockerFacts = await readDockerFacts(engine, process.cwd(), homedir(), host);
    assertReachable(dockerFacts, host);
    const image = args.image ?? (await presentImage(args.workspace, engine, host));
    const facts = selfTestFacts(dockerFacts, image);
    const isJson = args.output === "json";
    if (!isJson) stdout.write(factLines(facts));
    const interrupted = interruption(onSignal);
    const outcomes = await runSelfTest({
      engine,
      only: all("only"),
      image,
      host,
      onOutcome: (outcome) => void (isJson || stdout.write(outcomeLines(outcome))),
      cancelled: interrupted.signal,
    });
    const passed = outcomes.every(({ status }) => status === "ok");
    stdout.write(
      isJson ? formatJson({ passed, facts, checks: outcomes.map(jsonOutcome) }) : summary(outcomes),
    );
    return interrupted.exitCode() ?? (passed ? 0 : exitCodes.selfTestFailed);
  },
});

/** Throws (69) what `doctor` reports when there is no client, or no engine that answers. */
function assertReachable(facts: DockerFacts, host: Host): void {
  if (facts.client !== undefined && facts.engine !== undefined) return;
  const findings = checkDocker(facts, {
    uid: process.getuid?.() ?? 0,
    dockerHost: host.environment.DOCKER_HOST,
    user: undefined,
    has: (program) => Bun.which(program) !== null,
  });
  const found = findings.find(({ level }) => level === "error");
  throw new PolycrateError(found?.message ?? "docker is not available", {
    hint: found?.fix ?? "`polycrate doctor` shows why",
    exitCode: exitCodes.noDocker,
  });
}

/** Returns the image of the workspace, or the default one, whichever exists. Throws (64) when neither does. */
async function presentImage(flag: string | undefined, engine: Engine, host: Host): Promise<string> {
  const candidates = [...(await imageOfWorkspace(flag, engine)), defaultImage];
  for (const image of candidates) {
    const words = engine.inspectImage("{{.Id}}", [image]);
    const { exitCode } = await tryCapture(words, { directory: process.cwd(), environment: host.environment });
    if (exitCode === 0) return image;
  }
  throw new PolycrateError(`image \`${candidates[0]}\` was not found locally`, {
    hint: "pass an image that has a shell, for example `--image=debian:12-slim`",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** A workspace that is missing or broken has none; `doctor` and `validate` report it. */
async function imageOfWorkspace(flag: string | undefined, engine: Engine): Promise<readonly string[]> {
  try {
    const workspace = loadWorkspace(
      workspaceLocation(flag, process.env, process.cwd(), process.getuid?.() ?? 0),
    );
    return [(await observeImage(workspace, engine, {}, { asks: false })).reference];
  } catch (error) {
    if (error instanceof PolycrateError && flag === undefined) return [];
    throw error;
  }
}

/** The first signal ends the test in order. */
function interruption(onSignal: CommandData["onSignal"]) {
  const controller = new AbortController();
  let name: StopSignal | undefined;
  onSignal((signal) => {
    name ??= signal;
    controller.abort();
  });
  const codes = { SIGHUP: exitCodes.hungUp, SIGINT: exitCodes.interrupted } as const;
  const exitCode = () => {
    if (name === undefined) return undefined;
    return name === "SIGHUP" || name === "SIGINT" ? codes[name] : exitCodes.terminated;
  };
  return { signal: controller.signal, exitCode };
}

function jsonOutcome({ cause, ...outcome }: CheckOutcome) {
  return { ...outcome, cause: cause ?? null };
}

const left = Math.max(...["connection", ...checkNames].map(({ length }) => length));

function factLines(facts: Readonly<Record<string, string>>): string {
  const rows = Object.entries(facts).map(([name, text]) => `${name.padEnd(left)}  ${printable(text)}\n`);
  return `${rows.join("")}\n`;
}

const tones = { ok: "good", failed: "bad", skipped: "warning" } as const;

function outcomeLines({ check, status, meaning, cause }: CheckOutcome): string {
  const out = stdout;
  const indent = " ".repeat(left + 11);
  const wrap = (text: string) =>
    wrapWords(printable(text), Math.max((out.columns ?? 100) - indent.length, 20)).join(`\n${indent}`);
  const line = `${paint(out, tones[status], status.padEnd(7))}  ${check.padEnd(left)}  ${wrap(meaning)}\n`;
  return cause === undefined ? line : `${line}${indent}${paint(out, "strong", "→")} ${wrap(cause)}\n`;
}

function summary(outcomes: readonly CheckOutcome[]): string {
  const count = (wanted: CheckOutcome["status"]) => outcomes.filter(({ status }) => status === wanted).length;
  const [failed, skipped] = [count("failed"), count("skipped")];
  if (failed + skipped === 0) return `\nall ${counted(outcomes.length, "check")} passed\n`;
  return `\n${count("ok")} passed, ${failed} failed, ${skipped} skipped\n`;
}
