import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { changeLines } from "../../../src/transfer/changeLines.ts";
import { type Collected, collectWorkspace, manifestOf } from "../../../src/transfer/collect.ts";
import { landArchive } from "../../../src/transfer/land.ts";
import type { Incomplete, Landed, Landing } from "../../../src/transfer/landing.ts";
import { packArchive, packedWorkspace } from "../../../src/transfer/pack.ts";
import { call, makeFolder } from "../../support/harness.ts";
import { age, anyChange, apply, type Change, describeTree } from "../../support/transfer.ts";

const stays = [".polycrate", ".logs", ".git"];

const shells: readonly (readonly string[])[] = [["bash"], ["dash"]];

async function packed(collected: Collected): Promise<Uint8Array> {
  const packing = {
    root: collected.root,
    owner: { uid: 0, gid: 0 },
    onUnread: unexpected,
    onChanged: unexpected,
  };
  return Buffer.concat(await Array.fromAsync(packArchive(packedWorkspace(collected, "workspace"), packing)));
}

function unexpected(what: unknown): void {
  throw new Error(`unexpected: ${JSON.stringify(what)}`);
}

/** Takes the workspace to another place and back, as a run on another machine does, with real programs there. */
async function runThere(
  workspace: string,
  shell: readonly string[],
  form: Landing["form"],
  changes: readonly Change[],
  meanwhile: () => void = () => {},
): Promise<Landed | Incomplete> {
  using far = makeFolder({});
  const collected = collectWorkspace(workspace, stays);
  const input = await packed(collected);
  const unpacked = await call(["tar", "-xpf", "-", "-C", far.path], { input });
  expect(unpacked.stderr).toBe("");
  mkdirSync(join(far.path, "run"));
  const there = join(far.path, "workspace");
  const { before, after } = changeLines({ workspace: there, folder: join(far.path, "run"), stays });
  await call([...shell, "-c", before.join("\n")]);
  apply(there, changes);
  await call([...shell, "-c", after.join("\n")]);
  meanwhile();
  const archive = join(far.path, "out.tar");
  const words = form === "whole" ? ["--format=gnu", "workspace"] : ["-C", "run", "."];
  await call(["tar", "-cf", archive, ...words], { directory: far.path });
  return landArchive(Bun.file(archive).stream(), {
    root: workspace,
    manifest: manifestOf(collected, []),
    form,
    prefix: form === "whole" ? "workspace" : ".",
    stays,
    mergedByLine: ["known_hosts"],
    staging: ".polycrate/landing",
    conflicts: ".polycrate/conflicts/1",
  });
}

/** Microseconds for an archive of GNU tar; the whole workspace comes in an archive of seconds, as docker's. */
const units = { changes: 1000n, whole: 1_000_000_000n } as const;

describe("a workspace after a run on another machine is what it is after the same run here:", () => {
  const scenes = fc.record({
    setup: fc.array(anyChange, { minLength: 5, maxLength: 25 }),
    changes: fc.array(anyChange, { maxLength: 8 }),
    shell: fc.constantFrom(...shells),
  });
  test.each(["changes", "whole"] as const)("%s", async (form) => {
    await fc.assert(
      fc.asyncProperty(scenes, async ({ setup, changes, shell }) => {
        using here = makeFolder({ ".polycrate/x": "" });
        using direct = makeFolder({ ".polycrate/x": "" });
        for (const { path } of [here, direct]) {
          apply(path, setup);
          age(path);
        }
        const landed = await runThere(here.path, shell, form, changes);
        apply(direct.path, changes);
        expect(landed).toMatchObject({ conflicts: [], leftOut: [] });
        expect(describeTree(here.path, units[form])).toEqual(describeTree(direct.path, units[form]));
        expect(readFileSync(join(here.path, ".polycrate/x"), "utf8")).toBe("");
      }),
      { numRuns: Number(process.env.RUNS ?? 50) },
    );
  });
});
void writeFileSync;
