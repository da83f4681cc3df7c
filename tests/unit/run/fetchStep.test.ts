import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AttachStep } from "../../../src/plan/plan.ts";
import { wayBack } from "../../../src/plan/remote/wayBack.ts";
import { verdictOf } from "../../../src/run/verdict.ts";
import { container, execution, plannedFile } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const image = { reference: "image", build: undefined };
const common = { image, container: "polycrate-test" };

/** A run whose container is the folder `there`: its workspace, and what its entrypoint notes. */
function runThere(folder: Folder, script: string, { fetch = "", wait = "echo 0" } = {}) {
  mkdirSync(join(folder.path, "there/run/polycrate-status"), { recursive: true });
  const attach: AttachStep = {
    ...container(folder, `cd there/workspace; ${script}`, {
      status: join(folder.path, "run/1/status/status"),
    }),
    ...{
      kind: "attach",
      wait: shell(wait),
      onSignal: [],
      handed: { variables: [], files: [] },
      transaction: "1",
    },
  };
  const parcel = {
    ...{ workspace: "workspace", stays: ["run", "there", ".polycrate", "removed"], folders: [] },
    files: [{ from: join(folder.path, "run/1/files"), to: "run/polycrate", mode: undefined }],
    owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
  };
  return execution(
    folder,
    [
      { ...common, kind: "create", argv: shell("echo id"), environment: [], shell: "/bin/sh" },
      { ...common, kind: "send", argv: shell("tar -xf - -C there"), parcel, note: "sent" },
      attach,
    ],
    {
      plan: {
        runDirectory: { root: folder.path, path: "run/1" },
        files: [
          plannedFile("files/script", { content: "planned" }),
          plannedFile("status/status", { content: "# mark\n" }),
        ],
        finally: [
          {
            ...common,
            kind: "fetch",
            argv: shell(`${fetch} tar -cf - -C there/run polycrate-status`),
            whole: shell(`${fetch} tar --format=gnu -cf - -C there workspace`),
            note: "sent",
            back: { ...wayBack("/workspace", "1", parcel.stays), staging: ".polycrate/fetched" },
          },
          { ...common, kind: "remove", argv: shell("touch removed") },
        ],
      },
      engine: { removeContainer: () => shell("touch removed") },
    },
  );
}

test("the container gets workspace and planned files, what it changed comes back, and it is removed", async () => {
  using folder = makeFolder({ file: "here", gone: "", "a/b": "" });
  const script = `
    cat ../run/polycrate/script; echo there >file; rm gone
    printf 'started\\n7 3\\n' >../run/polycrate-status/status; exit 7`;
  const { done, stdout, events } = runThere(folder, script, { wait: "echo 7" });
  expect(await done).toMatchObject({ exitCode: 7, started: true, failedLine: 3 });
  expect(stdout()).toBe("planned");
  expect([folder.read("file"), folder.glob("gone"), folder.glob("removed")]).toEqual([
    "there\n",
    [],
    ["removed"],
  ]);
  expect(events.find(({ type }) => type === "sent")).toMatchObject({ files: 3 });
  expect(events.find(({ type }) => type === "fetched")).toMatchObject({ fetched: 1, removed: 1 });
  expect(folder.glob("run/**")).toEqual([]);
});

test("of a container whose files cannot be fetched nothing is removed, and the run fails: 74", async () => {
  using folder = makeFolder({ file: "here" });
  const { done } = runThere(folder, "echo there >file", { fetch: "echo full >&2; exit 1;", wait: "echo 3" });
  const ended = await done;
  const left = { container: "polycrate-test", by: "fetch", reason: "full" };
  expect(ended).toMatchObject({ exitCode: 3, left });
  expect(verdictOf(ended)).toEqual({ status: "failed", exitCode: 74 });
  expect([folder.read("file"), folder.glob("removed")]).toEqual(["here", []]);
  expect(folder.glob("run/1/sent")).toEqual(["run/1/sent"]);
});
