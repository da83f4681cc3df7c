import { expect, test } from "bun:test";
import { takeLock } from "../../../src/host/lock.ts";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import { makeFolder } from "../../support/harness.ts";
import { makeZombie } from "../../support/zombie.ts";

const lock = ".polycrate/locks/build";

function take(path: string, cancelled?: AbortSignal) {
  const said: string[] = [];
  const options = { onWait: (message: string) => void said.push(message), cancelled };
  return { said, taken: takeLock(path, "build", "builds the same image", options) };
}

test("the lock of a process that is gone is taken over, also of a zombie", async () => {
  using zombie = await makeZombie();
  using folder = makeFolder({ [lock]: writeOwner(zombie.owner) });
  const { said, taken } = take(folder.path);
  const { waited, release } = await taken;
  expect({ said, waited, content: folder.read(lock) }).toEqual({
    said: [],
    waited: false,
    content: `${writeOwner(thisOwner())}\n\n`,
  });
  release();
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
});

test("waiting for a lock ends when it is given back", async () => {
  using folder = makeFolder({});
  const first = await take(folder.path).taken;
  const { said, taken } = take(folder.path);
  while (said.length === 0) await Bun.sleep(5);
  first.release();
  expect((await taken).waited).toBe(true);
  expect(said).toEqual(["waiting for another step that builds the same image"]);
});

test("waiting for a lock of another host ends when it is cancelled, and names the file to remove", async () => {
  using folder = makeFolder({ [lock]: "else\u001b[2Jwhere/1/00000000-1" });
  const controller = new AbortController();
  const { said, taken } = take(folder.path, controller.signal);
  while (said.length < 1) await Bun.sleep(5);
  controller.abort();
  await expect(taken).rejects.toBe(controller.signal.reason);
  expect(said).toEqual([
    `waiting for another process that builds the same image (pid 1 on else\\u001b[2Jwhere)
hint: if that process has ended, remove \`${lock}\`; Ctrl-C cancels`,
  ]);
});

const damages: readonly (readonly [string, readonly string[]])[] = [
  ["a pipe", ["mkfifo"]],
  ["a folder", ["mkdir"]],
  ["a link", ["ln", "-s", "/etc/hostname"]],
  ["an empty file", ["touch"]],
  ["a file without end", ["truncate", "--size=3G"]],
];

test.each(damages)("%s in the place of a lock is named: 73", async (_, words) => {
  using folder = makeFolder({ ".polycrate/locks/other": "" });
  Bun.spawnSync([...words, `${folder.path}/${lock}`]);
  await expect(take(folder.path).taken).rejects.toMatchObject({
    message: `\`${lock}\` is not a polycrate lock file`,
    hint: "remove it",
    exitCode: 73,
  });
});
