import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { isOrphan, listContainers, removeWith } from "../../../src/engine/containers.ts";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import { fakeEngine, fakeHost, shell } from "../../support/fakes.ts";

const labels = (values: Readonly<Record<string, string>>) => ({
  Config: {
    Labels: Object.fromEntries(Object.entries(values).map(([name, value]) => [`polycrate.${name}`, value])),
  },
});

/** As docker writes a container, and as podman does. */
const inspected = [
  {
    ...{ Name: "/polycrate-a", State: { Status: "running" }, Created: "2026-11-24T09:00:00.123Z" },
    ...labels({ transaction: "id", workspace: "/w", block: "b", action: "act", owner: "host/7/boot-1" }),
  },
  {
    ...{ Name: "polycrate-b", State: { Status: "exited" }, Created: "2026-11-24T10:00:00.5+00:00" },
    ...labels({ transaction: "id2", workspace: "/w", warm: "900", delivery: "copy" }),
  },
];

const options = { directory: tmpdir(), environment: process.env };

test.each(["", "echo 'Error: No such container: 3' >&2; exit 1"])(
  "containers are read with all that their labels say, also if `%s`",
  async (after) => {
    const asked: (readonly string[])[] = [];
    const engine = fakeEngine({
      listContainers: (...words) => {
        asked.push(words);
        return shell("printf '1\\n2\\n'");
      },
      inspectContainer: (...words) => {
        asked.push(words);
        return shell(`printf '%s' "$1"; ${after}`, JSON.stringify(inspected, undefined, 2));
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
        created: new Date("2026-11-24T09:00:00.123Z"),
        warm: undefined,
        isCopied: false,
      },
      {
        name: "polycrate-b",
        state: "exited",
        transaction: "id2",
        workspace: "/w",
        block: "",
        action: "",
        owner: undefined,
        created: new Date("2026-11-24T10:00:00.500Z"),
        warm: 900,
        isCopied: true,
      },
    ]);
    await listContainers(engine, undefined, tmpdir(), fakeHost());
    expect(asked).toEqual([["polycrate.workspace=/w"], ["1", "2"], ["polycrate.workspace"], ["1", "2"]]);
  },
);

test("where there are no containers, none is asked for", async () => {
  const engine = fakeEngine({ listContainers: () => shell(":"), inspectContainer: () => shell("exit 1") });
  expect(await listContainers(engine, "/w", tmpdir(), fakeHost())).toEqual([]);
});

test.each([
  ["Cannot connect to the Docker daemon", 69],
  ["Error: odd", 125],
])("an engine that answers with %j ends it: %i", async (complaint, exitCode) => {
  const engine = fakeEngine({ listContainers: () => shell(`echo "$1" >&2; exit 1`, complaint) });
  await expect(listContainers(engine, "/w", tmpdir(), fakeHost())).rejects.toMatchObject({ exitCode });
  const later = fakeEngine({
    listContainers: () => shell("echo 1"),
    inspectContainer: () => shell(`echo '[]'; echo "$1" >&2; exit 1`, complaint),
  });
  await expect(listContainers(later, "/w", tmpdir(), fakeHost())).rejects.toMatchObject({ exitCode });
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
