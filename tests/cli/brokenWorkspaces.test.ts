import { expect, test } from "bun:test";
import { join } from "node:path";
import { brokenWorkspaces } from "../support/brokenWorkspaces.ts";
import { call, makeFolder } from "../support/harness.ts";

const good = "name: test-workspace\n";

test.each(
  brokenWorkspaces.filter((_, index) => index % 12 === 0).map(([name, files]) => [name, files] as const),
)("%s ends the executable with 0 or 65", async (_, files) => {
  using folder = makeFolder(files);
  const result = await folder.run(["validate"]);
  const hasError = result.stdout.includes("error: ");
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({
    exitCode: hasError ? 65 : 0,
    stderr: "",
  });
});

test("a pipe in the place of a block file does not hang the executable", async () => {
  using folder = makeFolder({ "workspace.poly": good, "blocks/app/notes": "" });
  await call(["mkfifo", join(folder.path, "blocks/app/block.poly")]);
  expect((await folder.run(["list"])).stderr).toBe(
    "warning: blocks/app/block.poly is broken; `polycrate validate` shows details\n",
  );
});

test("a block that is broken is named beside a command about another one; a command about itself gives the reason alone", async () => {
  using folder = makeFolder({
    "workspace.poly":
      "name: test-workspace\nblocks: [{name: good}, {name: orphan, from: nothing}, {name: heir, from: bad}]\n",
    "blocks/bad/block.poly": "name: bad\nactions: {}\n",
  });
  const warnings = async (block: string) => {
    const { stderr } = await folder.run(["inspect", block]);
    return [...stderr.matchAll(/^warning: (.*) is broken; /gm)].map(([, name]) => name);
  };
  expect(await warnings("good")).toEqual(["blocks/bad/block.poly", "block `orphan`"]);
  expect(await warnings("bad")).toEqual(["block `orphan`"]);
  expect(await warnings("heir")).toEqual(["block `orphan`"]);
  expect(await warnings("orphan")).toEqual(["blocks/bad/block.poly"]);
});
