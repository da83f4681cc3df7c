import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { runPlaceOf, runPlacesOf } from "../../../src/transactions/runPlace.ts";
import { makeFolder } from "../../support/harness.ts";

const uid = process.getuid?.() ?? 0;
const inside = { root: "/w", folder: ".polycrate/run" };
const name = createHash("sha256").update("/w").digest("hex").slice(0, 16);

/** Where a run of `/w` keeps its files, with this runtime folder and this engine. */
function place(runtime: string | undefined, engine = "unix:///var/run/docker.sock", who = uid) {
  const environment = { PATH: "", DOCKER_HOST: engine, XDG_RUNTIME_DIR: runtime };
  return runPlaceOf("/w", { environment, home: "/nowhere" }, who);
}

test("a run keeps its files in the caller's private runtime folder, where no action of the workspace reaches", () => {
  using folder = makeFolder({});
  chmodSync(folder.path, 0o700);
  const outside = { root: folder.path, folder: `polycrate/${name}` };
  expect(place(folder.path)).toEqual(outside);
  expect(place(`${folder.path}//`)).toEqual(outside);
  expect(runPlacesOf("/w", { XDG_RUNTIME_DIR: folder.path }, uid).slice(0, 2)).toEqual([inside, outside]);
});

test("it keeps them in the workspace where the engine is not of this machine", () => {
  using folder = makeFolder({});
  chmodSync(folder.path, 0o700);
  expect(place(folder.path, "tcp://far:1")).toEqual(inside);
});

test("a runtime folder that is not the caller's alone is not used", () => {
  using folder = makeFolder({ file: "" });
  chmodSync(folder.path, 0o700);
  chmodSync(join(folder.path, "file"), 0o600);
  symlinkSync(folder.path, join(folder.path, "link"));
  expect(place(folder.path, undefined, uid + 1)).toEqual(inside);
  for (const path of [
    undefined,
    "",
    "run",
    "/nowhere/at all",
    join(folder.path, "file"),
    join(folder.path, "link"),
  ]) {
    expect(place(path)).toEqual(inside);
  }
  for (const mode of [0o710, 0o701, 0o770]) {
    chmodSync(folder.path, mode);
    expect(place(folder.path)).toEqual(inside);
  }
});

test("a run with secrets keeps its files in memory where the engine sees it, and they are looked for there later", () => {
  using folder = makeFolder({});
  chmodSync(folder.path, 0o700);
  const inMemory = (engine: string) =>
    runPlaceOf(
      "/w",
      { environment: { PATH: "", DOCKER_HOST: engine, XDG_RUNTIME_DIR: "" }, home: "/nowhere" },
      uid,
      { inMemory: true },
    );
  const shared = { root: `/dev/shm/polycrate-${uid}`, folder: name };
  expect(inMemory("unix:///var/run/docker.sock")).toEqual(shared);
  expect(inMemory("tcp://far:1")).toEqual(inside);
  expect(runPlacesOf("/w", {}, uid)).toEqual([inside, shared]);
});
