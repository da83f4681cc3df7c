import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { containersOf } from "../support/docker.ts";
import { call, executable, makeFolder, workspaceWith } from "../support/harness.ts";

const large = "- {name: pour, script: 'head -c 3000000 /dev/urandom | tee /workspace/poured'}";

test("every byte arrives at a pipe, at a slow reader and in the log", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(large) });
  const digest = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
  for (const reader of ["cat", "sh -c 'sleep 1; cat'"]) {
    const { stdout } = await call(
      ["sh", "-c", `${executable} run b pour 2>/dev/null | ${reader} | sha256sum`],
      { directory: folder.path },
    );
    const [log = ""] = folder.glob(".logs/**/*.log").toReversed();
    const poured = digest(await Bun.file(`${folder.path}/poured`).bytes());
    expect(stdout).toBe(`${poured}  -\n`);
    expect(digest(await Bun.file(`${folder.path}/${log}`).bytes())).toBe(poured);
  }
});

test("a signal ends a run whose reader is blocked for good", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: pour, script: cat /dev/zero}", "stop_timeout: 1"),
  });
  const script = `sh -c 'echo $$ >pid; exec ${executable} run b pour'; echo $? >code`;
  const child = Bun.spawn(["sh", "-c", `{ ${script}; } | sleep 600 & echo $! >sleeper; wait`], {
    cwd: folder.path,
    stdout: "ignore",
    stderr: "ignore",
  });
  const isPouring = () =>
    folder.glob(".logs/**/*.log").some((log) => Bun.file(`${folder.path}/${log}`).size > 65_536);
  while (!isPouring()) await Bun.sleep(20);
  process.kill(Number(folder.read("pid")), "SIGTERM");
  while (folder.glob("code").length === 0) await Bun.sleep(20);
  expect(folder.read("code")).toBe("143\n");
  expect(await containersOf(folder)).toEqual([]);
  process.kill(Number(folder.read("sleeper")), "SIGKILL");
  await child.exited;
});
