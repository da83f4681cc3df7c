import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { isOrphan, listContainers, removeWith } from "../../../src/engine/containers.ts";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import { fakeEngine, fakeHost, shell } from "../../support/fakes.ts";

const lines = [
  '["polycrate-a","running","2026-11-24 10:00:00 +0100 CET","id","/w","b","act","host/7/boot-1","","copy"]',
  '["polycrate-b","exited","2026-11-24 10:00:00 +0000 UTC","id2","/w","","","","900",""]',
].join("\n");

const options = { directory: tmpdir(), environment: process.env };

test("containers are read with all that their labels say", async () => {
  const asked: (readonly string[])[] = [];
  const engine = fakeEngine({
    listContainers: (...words) => {
      asked.push(words);
      return shell(`printf '%s\\n' "$1"`, lines);
    },
  });
  expect(await listContainers(engine, "/w", tmpdir(), fakeHost())).toEqual([
    {
      name: "polycrate-a",
      state: "running",
      transaction: "id",
      workspace: "/w",
      block: "b",
      action: "act",
      owner: { host: "host", pid: 7, start: "boot-1" },
      created: new Date("2026-11-24T09:00:00Z"),
      warm: undefined,
      isCopied: true,
    },
    {
      name: "polycrate-b",
      state: "exited",
      transaction: "id2",
      workspace: "/w",
      block: "",
      action: "",
      owner: undefined,
      created: new Date("2026-11-24T10:00:00Z"),
      warm: 900,
      isCopied: false,
    },
  ]);
  await listContainers(engine, undefined, tmpdir(), fakeHost());
  const labels = ["transaction", "workspace", "block", "action", "owner", "warm", "delivery"].map(
    (name) => `{{json (.Label "polycrate.${name}")}}`,
  );
  const format = `[{{json .Names}},{{json .State}},{{json .CreatedAt}},${labels.join(",")}]`;
  expect(asked).toEqual([
    ["polycrate.workspace=/w", format],
    ["polycrate.workspace", format],
  ]);
});

test.each([
  ["Cannot connect to the Docker daemon", 69],
  ["Error: odd", 125],
])("an engine that answers with %j ends it: %i", async (complaint, exitCode) => {
  const engine = fakeEngine({ listContainers: () => shell(`echo "$1" >&2; exit 1`, complaint) });
  await expect(listContainers(engine, "/w", tmpdir(), fakeHost())).rejects.toMatchObject({ exitCode });
});

test("a container is an orphan when its polycrate is gone; one that a person runs by hand is none", () => {
  const container = {
    ...{ name: "", transaction: "", workspace: "", block: "", action: "", state: "", created: new Date() },
    warm: undefined,
    isCopied: false,
  };
  expect(isOrphan({ ...container, owner: undefined })).toBe(false);
  expect(isOrphan({ ...container, owner: thisOwner() })).toBe(false);
  expect(isOrphan({ ...container, owner: { ...thisOwner(), start: "00000000-1" } })).toBe(true);
  expect(writeOwner(thisOwner())).toContain(`/${process.pid}/`);
});

test.each([
  ["exit 0", undefined],
  ["echo 'Error: No such container: x' >&2; exit 1", undefined],
  ["echo 'Error: conflict' >&2; exit 1", "Error: conflict"],
])("a removal that does %j ends with %p", async (text, message) => {
  const removal = removeWith(fakeEngine({}), shell(text), options);
  if (message === undefined) expect(await removal).toBe(undefined);
  else await expect(removal).rejects.toMatchObject({ message, exitCode: 125 });
});
