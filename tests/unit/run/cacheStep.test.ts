import { expect, test } from "bun:test";
import type { CacheStep } from "../../../src/plan/plan.ts";
import { execution } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const remembered = ".polycrate/cache/volumes/1";

/** A step whose volume exists when there is the file `volume`, which giving it creates. */
function caches(folder: Folder, give: string): CacheStep {
  return {
    ...{ kind: "caches", argv: shell(give), image: { reference: "image", build: undefined } },
    ...{ container: "polycrate-test", shell: "/bin/sh", identify: shell(`cat '${folder.path}/volume'`) },
    remembered,
  };
}

const giving = "echo given >>given; echo pip 12:00 >volume";

test("new volumes are given to the user once, and again when they were made anew", async () => {
  using folder = makeFolder({});
  const give = () => execution(folder, [caches(folder, giving)]).done;
  expect(await give()).toMatchObject({ exitCode: 0, started: false });
  await give();
  expect(folder.read("given")).toBe("given\n");
  expect(folder.read(remembered)).toBe("pip 12:00\n");
  folder.write("volume", "pip 13:00\n");
  await give();
  expect(folder.read("given")).toBe("given\ngiven\n");
});

test("volumes that could not be given are not remembered, and the run ends", async () => {
  using folder = makeFolder({});
  const refused = execution(folder, [
    caches(folder, "echo no >&2; echo pip >volume; exit 1"),
    caches(folder, giving),
  ]);
  expect(await refused.done).toMatchObject({ exitCode: 1, tail: "\nno\n", started: false });
  expect(folder.glob("**/1")).toEqual([]);
});

test("a signal ends the giving, and removes its container", async () => {
  using folder = makeFolder({});
  const run = execution(folder, [caches(folder, "echo ready >&2; sleep 60")], {
    engine: { removeContainer: () => shell(`touch '${folder.path}/removed'`) },
    reader: (event) => {
      if (event.type === "output") run.signal("SIGTERM");
      return undefined;
    },
  });
  expect(await run.done).toMatchObject({ stopped: "SIGTERM" });
  expect(folder.glob("removed")).toEqual(["removed"]);
});
