import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { docker } from "../../support/engines.ts";
import { container, execution } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

/** A run on an engine whose server answers this, and counts how often it is asked. */
function run(folder: Folder, answer: string, address = `unix://${folder.path}/sock`) {
  const server = shell(`echo asked >>"${folder.path}/asked"; ${answer}`);
  const engine = {
    about: { ...docker.about, server },
    endpoint: { context: undefined, name: "default", address },
  };
  const environment = { ...process.env, XDG_CACHE_HOME: `${folder.path}/cache` };
  return execution(folder, [container(folder, "touch ran")], { engine, host: { environment } });
}

const asked = (folder: Folder) => folder.glob("asked").length && folder.read("asked").split("\n").length - 1;

const old = `echo '[{"Name":"Podman Engine","Version":"4.3.1"}]'`;
const good = `echo '[{"Name":"Engine","Version":"28.2.2"}]'`;

test("a server that reports failures as successes runs nothing, and is asked each time", async () => {
  using folder = makeFolder({ sock: "", "cache/.keep": "" });
  for (const times of [1, 2]) {
    const error: unknown = await run(folder, old).done.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: 69, message: expect.stringContaining("podman 4.3.1 answers") });
    expect([folder.glob("ran"), asked(folder)]).toEqual([[], times]);
  }
});

test("a server that can run actions is asked once, until its socket is another one", async () => {
  using folder = makeFolder({ sock: "", "cache/.keep": "" });
  for (let times = 0; times < 3; times += 1) await run(folder, good).done;
  expect([folder.glob("ran"), asked(folder)]).toEqual([["ran"], 1]);
  rmSync(join(folder.path, "sock"));
  folder.write("sock", "");
  await run(folder, good).done;
  expect(asked(folder)).toBe(2);
});

test("a server that does not answer is left to the command that needs it, and nothing is kept", async () => {
  using folder = makeFolder({ sock: "", "cache/.keep": "" });
  for (const answer of ["exit 1", "echo null", `${good}; exit 1`]) await run(folder, answer).done;
  expect([folder.glob("ran"), asked(folder)]).toEqual([["ran"], 3]);
  await run(folder, good, `unix://${folder.path}/missing`).done;
  expect(asked(folder)).toBe(3);
});
