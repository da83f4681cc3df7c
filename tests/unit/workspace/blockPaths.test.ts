import { describe, expect, test } from "bun:test";
import { type BlockPaths, blockPaths } from "../../../src/workspace/blockPaths.ts";
import { resolveBlock } from "../../../src/workspace/blocks/resolveBlock.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { makeFolder } from "../../support/harness.ts";

/** Where things of the block are, in a workspace with these blocks and these files, whose content does not matter. */
function places(blocks: string, files: readonly string[], name = "app", head = ""): BlockPaths {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace\n${head}blocks:\n${blocks}`,
    ...Object.fromEntries(files.map((file) => [file, ""])),
  });
  const workspace = loadWorkspace({ named: folder.path });
  const block = resolveBlock(workspace, name);
  return blockPaths(workspace, block.value, block.lineage);
}

const own = "artifacts/blocks/app";

describe("the inventory is", () => {
  test.each([
    ["none without a file", "{name: app}", [], undefined],
    ["the workspace's", "{name: app}", ["inventory.yml"], "inventory.yml"],
    [
      "the block's own first",
      "{name: app}",
      ["inventory.yml", `${own}/inventory.yml`],
      `${own}/inventory.yml`,
    ],
    [
      "of the name it is given",
      "{name: app, inventory: {filename: hosts.ini}}",
      [`${own}/hosts.ini`],
      `${own}/hosts.ini`,
    ],
    [
      "not one of another name",
      "{name: app, inventory: {filename: hosts.ini}}",
      [`${own}/inventory.yml`],
      undefined,
    ],
    ["never outside of the workspace", "{name: app, inventory: {filename: ../../../../x}}", [], undefined],
    [
      "not that of a parent's artifacts",
      "{name: app, from: db}",
      ["artifacts/blocks/db/inventory.yml"],
      undefined,
    ],
    [
      "not that of a sibling",
      "{name: app, from: base}",
      ["artifacts/blocks/sibling/inventory.yml"],
      undefined,
    ],
  ])("%s", (_, app, files, expected) => {
    const blocks = `  - ${app}\n  - {name: db}\n  - {name: base}\n  - {name: sibling, from: base}`;
    expect(places(blocks, files)).toMatchObject({ artifacts: own, inventory: expected, missing: [] });
  });

  test("what the block that `from` names has itself, the workspace's too, and never the borrower's own", () => {
    const blocks = "  - {name: app, inventory: {from: db}}\n  - {name: db}";
    const lent = "artifacts/blocks/db/inventory.yml";
    expect(places(blocks, [lent, `${own}/inventory.yml`, "inventory.yml"]).inventory).toBe(lent);
    expect(places(blocks, [`${own}/inventory.yml`, "inventory.yml"]).inventory).toBe("inventory.yml");
    expect(places(blocks, [`${own}/inventory.yml`])).toMatchObject({
      inventory: lent,
      missing: [
        {
          path: lent,
          message: `block \`app\` takes its inventory from \`db\`, but \`${lent}\` does not exist`,
          hint: "run the action of `db` that writes it",
        },
      ],
    });
  });

  test("an error when `from` names no block", () => {
    const [gone, workspace] = ["gone", "workspace"].map((from) =>
      places(`  - {name: app, inventory: {from: ${from}}}`, ["inventory.yml"]),
    );
    expect(gone).toMatchObject({
      inventory: undefined,
      unresolved: [
        { message: "block `app` takes its inventory from `gone`, which is not a block of this workspace" },
      ],
    });
    expect(workspace?.unresolved[0]?.hint).toBe(
      "remove `from`: a block without its own file uses that of the workspace",
    );
  });

  test("the one that the borrower names, and no other in its place, unless that is the default", () => {
    const named = (filename: string) =>
      places(`  - {name: app, inventory: {from: db, filename: ${filename}}}\n  - {name: db}`, [
        "inventory.yml",
      ]);
    expect(named("prod.yml")).toMatchObject({
      inventory: "artifacts/blocks/db/prod.yml",
      missing: [{ path: "artifacts/blocks/db/prod.yml" }],
    });
    expect(named("inventory.yml")).toMatchObject({ inventory: "inventory.yml", missing: [] });
  });

  test("asked for by a parent too, and by name, version or alias", () => {
    const blocks = (from: string) => `  - {name: app, from: base}
  - {name: base, inventory: {from: "${from}"}}
  - {name: registry.host:5000/team/db, alias: short, version: 1.2}`;
    const lent = "artifacts/blocks/registry.host:5000/team/db/inventory.yml";
    for (const from of ["registry.host:5000/team/db", "registry.host:5000/team/db:1.2", "short"]) {
      expect(places(blocks(from), [lent])).toMatchObject({ inventory: lent, missing: [] });
    }
  });

  test("under the name that the lender gives it, unless the borrower gives one", () => {
    const lender = "  - {name: db, inventory: {filename: hosts.yml}}";
    const files = ["artifacts/blocks/db/hosts.yml", "artifacts/blocks/db/other.yml"];
    expect(places(`  - {name: app, inventory: {from: db}}\n${lender}`, files).inventory).toBe(
      "artifacts/blocks/db/hosts.yml",
    );
    expect(
      places(`  - {name: app, inventory: {from: db, filename: other.yml}}\n${lender}`, files).inventory,
    ).toBe("artifacts/blocks/db/other.yml");
  });

  test("that of the lender's lender, and a circle of lenders ends", () => {
    const blocks = `  - {name: app, inventory: {from: db}}
  - {name: db, inventory: {from: infra}}
  - {name: infra}`;
    const lent = "artifacts/blocks/infra/inventory.yml";
    expect(places(blocks, [lent, "artifacts/blocks/db/inventory.yml"]).inventory).toBe(lent);
    expect(places(blocks, ["inventory.yml"]).inventory).toBe("inventory.yml");
    expect(places(blocks, []).missing.map(({ message }) => message)).toEqual([
      `block \`db\` takes its inventory from \`infra\`, but \`${lent}\` does not exist`,
    ]);
    const circle = "  - {name: app, inventory: {from: db}}\n  - {name: db, inventory: {from: app}}";
    expect(places(circle, ["artifacts/blocks/db/inventory.yml"]).inventory).toBe(
      "artifacts/blocks/db/inventory.yml",
    );
    expect(places(circle, []).missing).toHaveLength(1);
    expect(places("  - {name: app, inventory: {from: app}}", [`${own}/inventory.yml`]).inventory).toBe(
      `${own}/inventory.yml`,
    );
  });

  test("called as the workspace says", () => {
    const found = places(
      "  - {name: app}",
      ["hosts.yml", "inventory.yml"],
      "app",
      "inventory: {filename: hosts.yml}\n",
    );
    expect(found.inventory).toBe("hosts.yml");
  });
});

describe("the kubeconfig is", () => {
  const cluster = "artifacts/blocks/k8s/kubeconfig.yml";
  test.each([
    ["none without a file", "{name: app}", [], undefined],
    ["that of the block `k8s`", "{name: app}", [cluster], cluster],
    ["the block's own first", "{name: app}", [cluster, `${own}/kubeconfig.yml`], `${own}/kubeconfig.yml`],
    [
      "that of `from`",
      "{name: app, kubeconfig: {from: db}}",
      ["artifacts/blocks/db/kubeconfig.yml"],
      "artifacts/blocks/db/kubeconfig.yml",
    ],
  ])("%s", (_, app, files, expected) => {
    expect(places(`  - ${app}\n  - {name: db}`, files)).toMatchObject({ kubeconfig: expected, missing: [] });
  });

  test("that of `k8s` when the block that `from` names would have that itself", () => {
    expect(places("  - {name: app, kubeconfig: {from: db}}\n  - {name: db}", [cluster])).toMatchObject({
      kubeconfig: cluster,
      missing: [],
    });
  });

  test("never the borrower's own when the one that is asked for is missing", () => {
    const blocks = "  - {name: app, kubeconfig: {from: db}}\n  - {name: db}";
    expect(places(blocks, [`${own}/kubeconfig.yml`])).toMatchObject({
      kubeconfig: "artifacts/blocks/db/kubeconfig.yml",
      missing: [
        {
          message:
            "block `app` takes its kubeconfig from `db`, but `artifacts/blocks/db/kubeconfig.yml` does not exist",
        },
      ],
    });
  });
});

test("artifacts belong to the block that is run, under its whole name", () => {
  const blocks = "  - {name: cargo.ayedo.cloud/ayedo/k8s/nginx, from: base}\n  - {name: base}";
  expect(places(blocks, [], "cargo.ayedo.cloud/ayedo/k8s/nginx").artifacts).toBe(
    "artifacts/blocks/cargo.ayedo.cloud/ayedo/k8s/nginx",
  );
  expect(places("  - {name: app}", [], "app", "config: {artifactsroot: out/put}\n").artifacts).toBe(
    "out/put/blocks/app",
  );
});
