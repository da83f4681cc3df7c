import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../../src/engine/engine.ts";
import { runPlaceOf, runPlacesOf } from "../../../src/transactions/runPlace.ts";
import { makeFolder } from "../../support/harness.ts";

const uid = process.getuid?.() ?? 0;
const inside = { root: "/w", folder: ".polycrate/run" };
const name = createHash("sha256").update("/w").digest("hex").slice(0, 16);

type Where = Pick<Engine, "kind" | "isHere">;

/** Where a run of `/w` keeps its files, with this runtime folder and this engine. */
function place(runtime: string | undefined, engine: Where = { kind: "local", isHere: true }, who = uid) {
  const environment = { PATH: "", XDG_RUNTIME_DIR: runtime };
  return runPlaceOf("/w", engine, environment, who);
}

test("a run keeps its files in the caller's private runtime folder, where no action of the workspace reaches", () => {
  using folder = makeFolder({});
  chmodSync(folder.path, 0o700);
  const outside = { root: folder.path, folder: `polycrate/${name}` };
  expect(place(folder.path)).toEqual(outside);
  expect(place(`${folder.path}//`)).toEqual(outside);
  expect(runPlacesOf("/w", { XDG_RUNTIME_DIR: folder.path }, uid).slice(0, 2)).toEqual([inside, outside]);
});

test("it keeps them in the workspace where an engine mounts files and does not see all of this machine's", () => {
  using folder = makeFolder({});
  chmodSync(folder.path, 0o700);
  expect(place(folder.path, { kind: "local", isHere: false })).toEqual(inside);
  const outside = { root: folder.path, folder: `polycrate/${name}` };
  expect(place(folder.path, { kind: "remote", isHere: false })).toEqual(outside);
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
  const inMemory = (isHere: boolean) =>
    runPlaceOf("/w", { kind: "local", isHere }, { XDG_RUNTIME_DIR: "" }, uid, { inMemory: true });
  const shared = { root: `/dev/shm/polycrate-${uid}`, folder: name };
  expect(inMemory(true)).toEqual(shared);
  expect(inMemory(false)).toEqual(inside);
  expect(runPlacesOf("/w", {}, uid)).toEqual([inside, shared]);
});
