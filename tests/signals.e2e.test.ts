import { expect, test } from "bun:test";
import { containersOf, executable, type Folder, makeFolder, workspaceWith } from "./harness.ts";

/** Starts a run and resolves when its standard output has the text. */
async function start(folder: Folder, words: readonly string[], ready: string) {
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let seen = "";
  while (!seen.includes(ready)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before ${ready}: ${seen} ${await new Response(child.stderr).text()}`);
    seen += decoder.decode(value);
  }
  const rest = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return seen;
      seen += decoder.decode(value);
    }
  };
  return { child, rest };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends a sleeping action with %d, and leaves no container", async (signal, code) => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: wait, script: [echo ready, sleep 300]}"),
  });
  const { child } = await start(folder, ["run", "b", "wait"], "ready");
  child.kill(signal);
  expect(await child.exited).toBe(code);
  expect(await containersOf(folder)).toEqual([]);
  expect(folder.records()).toMatchObject([{ status: "interrupted", exit_code: code }]);
  expect(folder.glob(".polycrate/run/*")).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "the action sees %s once, and its trap gets its time",
  async (signal) => {
    const name = signal.slice(3);
    using folder = makeFolder({
      "workspace.poly": workspaceWith(`
- name: trap
  script:
    - trap 'echo got ${name}; got=1' ${name}
    - echo ready; got=; while [ -z "$got" ]; do sleep 0.1 || :; done
    - sleep 0.5; echo cleaned up`),
    });
    const { child, rest } = await start(folder, ["run", "b", "trap"], "ready");
    child.kill(signal);
    const output = await rest();
    expect(output).toBe(`ready\ngot ${name}\ncleaned up\n`);
    expect(await child.exited).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
  },
);

test("an action that ignores signals is gone after stop_timeout", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: deaf, script: [\"trap '' TERM INT\", echo ready, 'while :; do sleep 1; done']}",
      "stop_timeout: 1",
    ),
  });
  const { child } = await start(folder, ["run", "b", "deaf"], "ready");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(await containersOf(folder)).toEqual([]);
});

test("a second signal kills at once", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: deaf, script: [\"trap '' TERM INT\", echo ready, 'while :; do sleep 1; done']}",
      "stop_timeout: 600",
    ),
  });
  const { child } = await start(folder, ["run", "b", "deaf"], "ready");
  child.kill("SIGINT");
  const stderr = child.stderr.getReader();
  await stderr.read();
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await containersOf(folder)).toEqual([]);
});

test("a reader that does not read does not keep a run from ending", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: pour, script: [echo ready, cat /dev/zero]}", "stop_timeout: 1"),
  });
  const { child } = await start(folder, ["run", "b", "pour"], "ready");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(await containersOf(folder)).toEqual([]);
});

test("a reader that goes away ends the run with 141", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: pour, script: 'while :; do echo y; done'}"),
  });
  const child = Bun.spawn(["sh", "-c", `{ ${executable} run b pour; echo $? >code; } | head -n 1`], {
    cwd: folder.path,
    stdout: "pipe",
  });
  expect(await new Response(child.stdout).text()).toBe("y\n");
  await child.exited;
  expect(folder.read("code")).toBe("141\n");
  expect(await containersOf(folder)).toEqual([]);
});
