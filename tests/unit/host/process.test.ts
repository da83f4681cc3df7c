import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { clientVariable, readClientMark, readProcessStat, thisOwner } from "../../../src/host/owner.ts";
import {
  collect,
  type RunningProcess,
  signalGroup,
  signalProcess,
  startAtTerminal,
  startProcess,
} from "../../../src/host/process.ts";

const options = { directory: tmpdir(), environment: process.env, input: "nothing" } as const;

/** The first lines that a program prints, which goes on. */
async function firstLines({ stdout }: RunningProcess, count: number): Promise<readonly string[]> {
  let text = "";
  for await (const chunk of stdout) {
    text += Buffer.from(chunk).toString();
    if (text.split("\n").length > count) break;
  }
  return text.split("\n");
}

test("a program leads a session of its own, in its folder, with a mark of whom it belongs to", async () => {
  const running = startProcess(["sh", "-c", `pwd; echo "$A"; echo "$${clientVariable}"; exec sleep 600`], {
    ...options,
    environment: { ...process.env, A: "b" },
  });
  const [directory, variable, mark = ""] = await firstLines(running, 3);
  expect([directory, variable]).toEqual([tmpdir(), "b"]);
  expect(readClientMark(mark)).toEqual({ owner: thisOwner(), directory: tmpdir() });
  expect(readProcessStat(running.pid)).toMatchObject({
    session: running.pid,
    group: running.pid,
    parent: process.pid,
  });
  running.signal("SIGTERM");
  expect(await running.ended).toBe(143);
});

test("a signal reaches the whole group, and nothing when the program has ended", async () => {
  const running = startProcess(["sh", "-c", "sleep 600 & echo $!; wait"], options);
  const [child] = (await firstLines(running, 1)).map(Number);
  running.signal("SIGKILL");
  expect(await running.ended).toBe(137);
  while (readProcessStat(child ?? 0) !== undefined) await Bun.sleep(5);
  running.signal("SIGKILL");
});

test("input is piped, or is nothing", async () => {
  const piped = startProcess(["cat"], { ...options, input: "piped" });
  expect(await piped.stdin?.write(Buffer.from("a\nb"))).toBe(true);
  await piped.stdin?.end();
  expect(await collect(piped.stdout)).toBe("a\nb");
  expect(await piped.ended).toBe(0);
  const nothing = startProcess(["cat"], options);
  expect(nothing.stdin).toBe(undefined);
  expect(await collect(nothing.stdout)).toBe("");
});

test("values reach the program, not what a shell would be told", async () => {
  const running = startProcess(["printf", "%s", { value: "seen", written: "unseen" }], options);
  expect(await collect(running.stdout)).toBe("seen");
});

test("a program that is not on the PATH: 69; an environment that is too large: 65", () => {
  expect(() => startProcess(["polycrate-no-such-program"], options)).toThrow(
    "`polycrate-no-such-program` was not found on PATH",
  );
  const environment = { ...process.env };
  for (let index = 0; index < 40; index += 1) environment[`V${index}`] = "x".repeat(100_000);
  expect(() => startProcess(["true"], { ...options, environment })).toThrow(
    "the environment is too large: Linux passes at most 2 MiB to a program",
  );
});

test("at a terminal a program has its size, is told of another, and all of its output comes before its end", async () => {
  let shown = "";
  const script =
    "trap 'stty size; exit 3' WINCH; stty size; [ -t 1 ] && echo terminal; while :; do sleep 0.05; done";
  const running = startAtTerminal(["sh", "-c", script], options, { rows: 5, columns: 60 }, (data) => {
    shown += Buffer.from(data).toString();
  });
  while (!shown.includes("terminal")) await Bun.sleep(5);
  running.resize({ rows: 7, columns: 70 });
  expect(await running.ended).toBe(3);
  // A program may print before its terminal is told to leave line feeds alone.
  expect(shown.replaceAll("\r", "")).toBe("5 60\nterminal\n7 70\n");
});

test("what is typed at a terminal reaches the program, unechoed", async () => {
  let shown = "";
  const running = startAtTerminal(["head", "-c", "5"], options, { rows: 5, columns: 60 }, (data) => {
    shown += Buffer.from(data).toString();
  });
  running.write(Buffer.from("a\rb\nc"));
  expect(await running.ended).toBe(0);
  expect(shown).toBe("a\rb\nc");
});

test("a signal to nobody is not sent, and never one to everybody", async () => {
  const child = Bun.spawn(["sleep", "600"]);
  expect(signalProcess(child.pid, "SIGKILL")).toBe(true);
  await child.exited;
  expect(signalProcess(child.pid, "SIGKILL")).toBe(false);
  expect(() => signalGroup(child.pid, "SIGKILL")).not.toThrow();
});

test.each([
  ["ours", "typed\n"],
  ["nothing", ""],
])("a program that may read %s gets of standard input %j", async (input, expected) => {
  const code = `const { startProcess } = await import("${import.meta.dir}/../../../src/host/process.ts");
    const options = { directory: ".", environment: process.env, input: "${input}" };
    const running = startProcess(["cat"], options);
    for await (const chunk of running.stdout) process.stdout.write(chunk);
    await running.ended;`;
  const child = Bun.spawn([process.execPath, "--eval", code], { stdin: Buffer.from("typed\n") });
  expect(await new Response(child.stdout).text()).toBe(expected);
});
