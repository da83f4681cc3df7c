import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { outputTo } from "../../src/host/output.ts";
import type { Host } from "../../src/host/stdio.ts";
import type {
  BuildStep,
  ContainerStep,
  Plan,
  PlannedFile,
  ProbeStep,
  RecordPlan,
  Step,
} from "../../src/plan/plan.ts";
import { noTerminal } from "../../src/plan/terminal.ts";
import { cancellationBy, type StopSignal } from "../../src/run/cancellation.ts";
import { emitTo, type Reader, type RunEvent, type Timed } from "../../src/run/events.ts";
import { execute } from "../../src/run/executor.ts";
import { trustBy } from "../../src/trust/trust.ts";
import { contextOf, fakeEngine, fakeHost, shell } from "./fakes.ts";
import type { Folder } from "./harness.ts";

// Steps of these plans are shell scripts in the place of docker's client.

/** What a test changes in a plan that does nothing, and in what it is carried out with. */
export type Changes = {
  readonly plan?: Partial<Plan>;
  readonly engine?: Partial<Engine>;
  readonly host?: Partial<Host>;
  /** Reads the events first. */
  readonly reader?: Reader;
};

/** A source of signals that a test sends. */
export function fakeSignals() {
  const listeners = new Set<(name: StopSignal) => void>();
  return {
    listeners,
    send: (name: StopSignal) => {
      for (const listener of listeners) listener(name);
    },
    onSignal: (listener: (name: StopSignal) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The plan of these steps in a folder. */
export function planIn(folder: Folder, steps: readonly Step[], changes: Changes = {}): Plan {
  return {
    engine: fakeEngine({ removeContainer: () => shell(":"), ...changes.engine }),
    title: "",
    workspace: folder.path,
    warnings: [],
    record: undefined,
    stopTimeout: 10,
    runDirectory: undefined,
    requires: [],
    folders: [],
    files: [],
    steps,
    trust: trustBy({ workspace: folder.path, access: [], hash: "" }),
    finally: [],
    ...changes.plan,
  };
}

/** What is known of the record of a run in the image busybox before the run. */
export function recordPlan(changes: Partial<RecordPlan> = {}): RecordPlan {
  return {
    ...{ id: "1", block: "b", action: "act", workflow: undefined, workflowRun: undefined, step: undefined },
    ...{ matrix: [], attempt: 1, image: "busybox", context: "default", locked: new Map() },
    ...{ arguments: [], inputs: new Map(), snapshot: { content: "", sha256: "0" } },
    ...{ version: "1.2.3", user: "anna", logsRoot: ".logs", artifacts: "a", blockFolder: undefined },
    ...changes,
  };
}

/** An execution of the steps in a folder, and all that it told. */
export function execution(folder: Folder, steps: readonly Step[], changes: Changes = {}) {
  const log = eventLog();
  const host = fakeHost(changes.host);
  const emit = emitTo([...(changes.reader === undefined ? [] : [changes.reader]), log.read], host.now);
  const signals = fakeSignals();
  const cancellation = cancellationBy({ onSignal: signals.onSignal, outputs: [outputTo(host.stdout)] })({
    stopTimeout: 10,
    isInteractive: () => false,
    onStop: (cause, grace) => void emit({ type: "stopping", cause, grace }),
  });
  const done = execute(planIn(folder, steps, changes), { host, cancellation, emit }).finally(() =>
    cancellation[Symbol.dispose](),
  );
  return { ...log, cancellation, done, signal: signals.send };
}

/** A reader that remembers the events. */
export function eventLog() {
  const events: Timed<RunEvent>[] = [];
  const waiting = new Set<() => void>();
  const read: Reader = (event) => {
    events.push(event);
    for (const look of waiting) look();
    return undefined;
  };
  const textOf = (stream: "stdout" | "stderr") =>
    events
      .map((event) => (event.type === "output" && event.stream === stream ? event.bytes.toString() : ""))
      .join("");
  const until = (type: RunEvent["type"]) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!events.some((event) => event.type === type)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    events,
    read,
    until,
    /** The events in a line each, without output and times. */
    told: () => events.flatMap((event) => (event.type === "output" ? [] : [lineOf(event)])),
    stdout: () => textOf("stdout"),
    stderr: () => textOf("stderr"),
  };
}

function lineOf(event: RunEvent): string {
  switch (event.type) {
    case "image":
      return `image ${event.id}`;
    case "building":
      return `building: ${event.reason}`;
    case "waiting":
      return event.message;
    case "warning":
      return `warning: ${event.message}\nhint: ${event.hint}`;
    case "stopping":
      return `stopping: ${event.cause}`;
    case "built":
      return event.failed ? "not built" : "built";
    default:
      return event.type;
  }
}

const image = { reference: "image", build: undefined };

/** A step that runs a container, whose entrypoint writes `status` in the folder. */
export function container(folder: Folder, text: string, changes: Partial<ContainerStep> = {}): ContainerStep {
  return {
    ...{ kind: "run", argv: shell(text), environment: [], image, container: "polycrate-test" },
    ...{ shell: "/bin/sh", items: [], source: undefined, status: join(folder.path, "status") },
    ...{ terminal: noTerminal, timeout: undefined, inspects: false, notesEnd: false },
    secrets: (changes.environment ?? []).map(({ value }) => value),
    ...changes,
  };
}

/** The context of the builds below. */
export const buildContext = contextOf("FROM a\n");

/** The build of a workspace's image, which exists when the query succeeds. */
export function build(
  query: string | undefined,
  script = "cat >sent; echo built",
  changes: Partial<BuildStep> = {},
): BuildStep {
  const rename = { argv: shell("touch renamed"), name: "latest" };
  return {
    ...{ kind: "build", argv: shell(script), context: buildContext, image, isOfWorkspace: true },
    unless: query === undefined ? undefined : { argv: shell(query), rename },
    ...changes,
  };
}

/** A step that reads users from an image, which prints this. */
export function probe(script: string, changes: Partial<ProbeStep["probe"]> = {}): ProbeStep {
  return {
    ...{ kind: "probe", argv: shell(script), image, container: "polycrate-test" },
    probe: {
      shell: "/bin/sh",
      identify: shell("echo sha256:7"),
      folder: ".polycrate/cache/users",
      refresh: false,
      files: [
        { path: "passwd", label: "passwd", content: "anna\n" },
        { path: "group", label: "group", content: "" },
      ],
      ...changes,
    },
  };
}

/** A file of a plan. */
export function plannedFile(path: string, changes: Partial<PlannedFile> = {}): PlannedFile {
  return { path, mode: 0o644, content: "", lifetime: "run", ...changes };
}
