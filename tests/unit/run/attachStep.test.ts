import { expect, test } from "bun:test";
import type { AttachStep } from "../../../src/plan/plan.ts";
import { verdictOf } from "../../../src/run/verdict.ts";
import { farDocker } from "../../support/engines.ts";
import { container, execution } from "../../support/execution.ts";
import { fakeEngine, fakeHost, fakeInput, shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

/** A step whose client runs one script, and whose engine says by another how the container ended. */
function attach(folder: Folder, client: string, wait: string, changes: Partial<AttachStep> = {}): AttachStep {
  const signals = ["SIGHUP", "SIGINT", "SIGTERM", "SIGKILL"] as const;
  return {
    ...container(folder, client),
    kind: "attach",
    wait: shell(wait),
    onSignal: signals.map((signal) => ({ signal, argv: shell(`echo ${signal} >>told; touch end`) })),
    handed: { variables: [], files: [] },
    transaction: "7",
    ...changes,
  };
}

const handed = {
  variables: [{ name: "T", value: "a b\n", from: { variable: "T" } }],
  files: [{ path: "/x", shown: "x", reveal: () => "file" }],
} as const;

test("the exit code is what the engine says of the container, whatever the client ends with", async () => {
  using folder = makeFolder({});
  const { done, stdout, told } = execution(folder, [attach(folder, "echo out; exit 0", "echo 42")]);
  expect(await done).toMatchObject({ exitCode: 42, left: undefined, stopped: undefined });
  expect(stdout()).toBe("out\n");
  expect(told()).toEqual(["command", "started", "commandEnded", "command", "commandEnded"]);
});

test("a container of which the engine no longer tells is left, and the run fails: 69", async () => {
  using folder = makeFolder({});
  const { done } = execution(folder, [attach(folder, "echo lost >&2; exit 1", "exit 1")], {
    plan: { finally: [{ ...removal, argv: shell("touch removed") }] },
  });
  const ended = await done;
  expect(ended).toMatchObject({ left: { container: "polycrate-test", by: "connection" } });
  expect(verdictOf(ended)).toEqual({ status: "failed", exitCode: 69 });
  expect(folder.glob("removed")).toEqual([]);
});

test("a signal goes to the container by the engine, not to the client", async () => {
  using folder = makeFolder({});
  const client = "trap 'echo client >>told' TERM; echo ready; until [ -e end ]; do sleep 0.05; done";
  const { done, signal, until } = execution(folder, [attach(folder, client, "echo 143")]);
  await until("output");
  signal("SIGTERM");
  expect(await done).toMatchObject({ exitCode: 143, stopped: "SIGTERM" });
  expect(folder.read("told")).toBe("SIGTERM\n");
});

test("what is handed over comes before our own standard input", async () => {
  using folder = makeFolder({});
  const host = fakeHost({ stdin: fakeInput("ours") });
  const { done, stdout } = execution(
    folder,
    [attach(folder, "cat", "echo 0", { handed, terminal: { interactive: true, size: undefined } })],
    { host },
  );
  await done;
  expect(stdout()).toBe("a b\\0012\n\nfile\n\nours");
});

test("an action that reads nothing gets an input that ends after what is handed over", async () => {
  using folder = makeFolder({});
  const { done, stdout } = execution(folder, [attach(folder, "cat; echo end", "echo 0", { handed })]);
  await done;
  expect(stdout()).toBe("a b\\0012\n\nfile\n\nend\n");
});

test("a connection over ssh that sshd refused is attempted again, and nothing is told of it", async () => {
  using folder = makeFolder({});
  const refused = "kex_exchange_identification: read: Connection reset by peer";
  const client = `echo >>attempts; [ $(wc -l <attempts) -ge 3 ] || { echo '${refused}' >&2; exit 1; }; echo out`;
  const { done, stdout, stderr } = execution(folder, [attach(folder, client, "echo 0")], {
    plan: { engine: { ...fakeEngine({}), endpoint: farDocker.endpoint } },
  });
  expect(await done).toMatchObject({ exitCode: 0, left: undefined });
  expect([stdout(), stderr()]).toEqual(["out\n", ""]);
});

const image = { reference: "image", build: undefined };
const removal = { kind: "remove", argv: shell(":"), image, container: "polycrate-test" } as const;
