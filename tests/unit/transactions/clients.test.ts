import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  clientVariable,
  type Owner,
  readProcessStat,
  thisOwner,
  writeOwner,
} from "../../../src/host/owner.ts";
import { canFindClients, endLostClients, terminateOwner } from "../../../src/transactions/clients.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

/** A folder with a program called docker, which waits; it is a script, so its interpreter's command line names it second. */
function withClient(): Folder {
  const folder = makeFolder({
    docker: "#!/bin/sh\ntrap 'exit 0' TERM\necho ready\nwhile :; do sleep 0.05; done\n",
  });
  chmodSync(join(folder.path, "docker"), 0o755);
  return folder;
}

type Changes = {
  readonly owner?: Owner;
  readonly words?: readonly string[];
  readonly own?: boolean;
  readonly program?: string;
};

/** Starts such a client as polycrate does, or in a way that differs from it. */
async function startClient(
  folder: Folder,
  { owner = thisOwner(), words = [], own = true, program }: Changes,
) {
  const child = Bun.spawn([program ?? join(folder.path, "docker"), ...words], {
    detached: own,
    env: { PATH: process.env.PATH, [clientVariable]: `${writeOwner(owner)} ${folder.path}` },
    stdout: "pipe",
  });
  await child.stdout.getReader().read();
  return { child, [Symbol.dispose]: () => child.kill("SIGKILL") };
}

const gone = { ...thisOwner(), start: "00000000-1" };

test("clients of a polycrate that is gone are ended, those of others are not", async () => {
  expect(canFindClients).toBe(true);
  using folder = withClient();
  using elsewhere = withClient();
  using lost = await startClient(folder, { owner: gone });
  using kept = await startClient(folder, {});
  using far = await startClient(elsewhere, { owner: gone });
  using grouped = await startClient(folder, { owner: gone, own: false });
  expect(await endLostClients(folder.path)).toEqual([]);
  expect(await lost.child.exited).toBe(0);
  for (const { child } of [kept, far, grouped]) expect(readProcessStat(child.pid)).toBeDefined();
});

test("a client that does not end is killed", async () => {
  using folder = withClient();
  folder.write("docker", "#!/bin/sh\ntrap '' TERM\necho ready\nwhile :; do sleep 0.05; done\n");
  using lost = await startClient(folder, { owner: gone });
  expect(await endLostClients(folder.path)).toEqual([]);
  await lost.child.exited;
  expect(lost.child.signalCode).toBe("SIGKILL");
});

test("a program that is not a client is left alone, whatever its environment says", async () => {
  using folder = withClient();
  folder.write("other", folder.read("docker"));
  chmodSync(join(folder.path, "other"), 0o755);
  using other = await startClient(folder, { owner: gone, program: join(folder.path, "other") });
  expect(await endLostClients(folder.path)).toEqual([]);
  expect(readProcessStat(other.child.pid)).toBeDefined();
});

test("an owner is only signalled when a client of its own, for that container, is its child", async () => {
  using folder = withClient();
  const heard: string[] = [];
  const listener = () => void heard.push("SIGTERM");
  process.on("SIGTERM", listener);
  try {
    expect(terminateOwner(thisOwner(), "polycrate-x")).toBe(false);
    using client = await startClient(folder, { words: ["run", "--name=polycrate-x"] });
    expect(terminateOwner(thisOwner(), "polycrate-y")).toBe(false);
    expect(terminateOwner({ ...thisOwner(), pid: 1 }, "polycrate-x")).toBe(false);
    expect(terminateOwner(gone, "polycrate-x")).toBe(false);
    expect(heard).toEqual([]);
    expect(terminateOwner(thisOwner(), "polycrate-x")).toBe(true);
    while (heard.length === 0) await Bun.sleep(5);
    expect(readProcessStat(client.child.pid)).toBeDefined();
  } finally {
    process.off("SIGTERM", listener);
  }
});
