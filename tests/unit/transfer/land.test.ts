import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { filesBelow } from "../../../src/host/filesBelow.ts";
import { changeLines } from "../../../src/transfer/changeLines.ts";
import { type Collected, collectWorkspace, manifestOf } from "../../../src/transfer/collect.ts";
import { landArchive } from "../../../src/transfer/land.ts";
import type { Incomplete, Landed, Landing } from "../../../src/transfer/landing.ts";
import { packArchive, packedWorkspace } from "../../../src/transfer/pack.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";
import { age, anyChange, apply, type Change, describeTree } from "../../support/transfer.ts";

const stays = [".polycrate", ".logs"];

const shells: readonly (readonly string[])[] = [["bash"], ["dash"]];

function landingIn(workspace: string, collected: Collected, form: Landing["form"]): Landing {
  return {
    ...{ root: workspace, manifest: manifestOf(collected, []), form, stays },
    prefix: form === "whole" ? "workspace" : ".",
    mergedByLine: ["known_hosts"],
    staging: ".polycrate/landing",
    conflicts: ".polycrate/conflicts/1",
  };
}

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
  return landArchive(Bun.file(archive).stream(), landingIn(workspace, collected, form));
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
      { numRuns: Number(process.env.RUNS ?? 30) },
    );
  });
});

/** The files of the workspace and what they contain, links with their targets. */
function contentsOf(folder: Folder): Readonly<Record<string, string>> {
  const lines = filesBelow(folder.path, ".").map(({ path, status }): [string, string] => {
    return [
      path,
      status.isSymbolicLink() ? `-> ${readlinkSync(join(folder.path, path))}` : folder.read(path),
    ];
  });
  return Object.fromEntries(lines);
}

describe("what changed at both ends stays here, and theirs is kept:", () => {
  const theirs = ".polycrate/conflicts/1";
  type Case = {
    readonly name: string;
    readonly here?: (at: (path: string) => string) => void;
    readonly there: readonly Change[];
    /** What is in the workspace that had `f` with "sent" and `d/g` with "sent". */
    readonly after: Readonly<Record<string, string>>;
    readonly conflicts?: readonly string[];
  };
  const sent = { f: "sent", "d/g": "sent" };
  const write = (path: string, content: string): Change => ({ do: "write", path, content });
  const cases: readonly Case[] = [
    { name: "changed there", there: [write("f", "theirs")], after: { ...sent, f: "theirs" } },
    {
      name: "changed here",
      here: (at) => writeFileSync(at("f"), "ours"),
      there: [],
      after: { ...sent, f: "ours" },
    },
    {
      name: "changed at both",
      here: (at) => writeFileSync(at("f"), "ours"),
      there: [write("f", "theirs")],
      after: { ...sent, f: "ours", [`${theirs}/f`]: "theirs" },
      conflicts: ["f: it changed here meanwhile"],
    },
    {
      name: "changed at both to the same",
      here: (at) => writeFileSync(at("f"), "same"),
      there: [write("f", "same")],
      after: { ...sent, f: "same" },
    },
    {
      name: "replaced here by a file of the same size and time",
      here: (at) => {
        const { mtimeMs } = statSync(at("f"));
        writeFileSync(at("new"), "ours");
        Bun.spawnSync(["touch", "-d", `@${mtimeMs / 1000}`, at("new")]);
        renameSync(at("new"), at("f"));
      },
      there: [write("f", "thei")],
      after: { ...sent, f: "ours", [`${theirs}/f`]: "thei" },
      conflicts: ["f: it changed here meanwhile"],
    },
    {
      name: "other mode here",
      here: (at) => chmodSync(at("f"), 0o600),
      there: [write("f", "theirs")],
      after: { ...sent, [`${theirs}/f`]: "theirs" },
      conflicts: ["f: it changed here meanwhile"],
    },
    { name: "removed there", there: [{ do: "remove", path: "f" }], after: { "d/g": "sent" } },
    {
      name: "removed there, changed here",
      here: (at) => writeFileSync(at("f"), "ours"),
      there: [{ do: "remove", path: "f" }],
      after: { ...sent, f: "ours" },
      conflicts: ["f: it changed here meanwhile"],
    },
    { name: "removed here", here: (at) => rmSync(at("f")), there: [], after: { "d/g": "sent" } },
    {
      name: "removed here, changed there",
      here: (at) => rmSync(at("f")),
      there: [write("f", "theirs")],
      after: { "d/g": "sent", [`${theirs}/f`]: "theirs" },
      conflicts: ["f: it was removed here meanwhile"],
    },
    {
      name: "removed at both",
      here: (at) => rmSync(at("f")),
      there: [{ do: "remove", path: "f" }],
      after: { "d/g": "sent" },
    },
    {
      name: "made at both",
      here: (at) => writeFileSync(at("n"), "ours"),
      there: [write("n", "theirs")],
      after: { ...sent, n: "ours", [`${theirs}/n`]: "theirs" },
      conflicts: ["n: it changed here meanwhile"],
    },
    {
      name: "made at both, here as a folder",
      here: (at) => mkdirSync(at("n")),
      there: [write("n", "theirs")],
      after: { ...sent, [`${theirs}/n`]: "theirs" },
      conflicts: ["n: it changed here meanwhile"],
    },
    {
      name: "made at both, there as a folder",
      here: (at) => writeFileSync(at("n"), "ours"),
      there: [{ do: "mkdir", path: "n" }, write("n/x", "theirs")],
      after: { ...sent, n: "ours", [`${theirs}/n/x`]: "theirs" },
      conflicts: ["n: it changed here meanwhile", "n/x: `WORKSPACE/n` is not a folder"],
    },
    {
      name: "a new file in a folder that is a link here now",
      here: (at) => {
        renameSync(at("d"), at("moved"));
        symlinkSync("moved", at("d"));
      },
      there: [write("d/new", "theirs")],
      after: { f: "sent", d: "-> moved", "moved/g": "sent", [`${theirs}/d/new`]: "theirs" },
      conflicts: ["d/new: `WORKSPACE/d` is not a folder"],
    },
    {
      name: "a folder that was removed here, with a new file there",
      here: (at) => rmSync(at("d"), { recursive: true }),
      there: [write("d/new", "theirs")],
      after: { f: "sent", "d/new": "theirs" },
    },
    {
      name: "a folder that was removed there, with a new file here",
      here: (at) => writeFileSync(at("d/new"), "ours"),
      there: [{ do: "remove", path: "d" }],
      after: { f: "sent", "d/new": "ours" },
    },
    {
      name: "a folder that became a file there, with a new file here",
      here: (at) => writeFileSync(at("d/new"), "ours"),
      there: [{ do: "remove", path: "d" }, write("d", "theirs")],
      after: { f: "sent", "d/new": "ours", [`${theirs}/d`]: "theirs" },
      conflicts: ["d: its folder here is not empty"],
    },
    {
      name: "a file that became a link there, and changed here",
      here: (at) => writeFileSync(at("f"), "ours"),
      there: [
        { do: "remove", path: "f" },
        { do: "symlink", path: "f", target: "d/g" },
      ],
      after: { ...sent, f: "ours", [`${theirs}/f`]: "-> d/g" },
      conflicts: ["f: it changed here meanwhile"],
    },
    {
      name: "known_hosts, line by line",
      here: (at) => writeFileSync(at("known_hosts"), "both\nours"),
      there: [write("known_hosts", "both\ntheirs\n")],
      after: { ...sent, known_hosts: "both\nours\ntheirs\n" },
    },
    {
      name: "a repository below a conflict is none that git would use",
      here: (at) => {
        mkdirSync(at("d/.git"));
        writeFileSync(at("d/.git/config"), "ours");
      },
      there: [{ do: "mkdir", path: "d/.git" }, write("d/.git/config", "theirs")],
      after: { ...sent, "d/.git/config": "ours", [`${theirs}/d/git/config`]: "theirs" },
      conflicts: ["d/.git/config: it changed here meanwhile"],
    },
  ];
  test.each(cases)("$name", async ({ here, there, after, conflicts = [] }) => {
    for (const form of ["changes", "whole"] as const) {
      using folder = makeFolder(sent);
      age(folder.path);
      const meanwhile = () => here?.((path) => join(folder.path, path));
      const landed = await runThere(folder.path, ["bash"], form, there, meanwhile);
      expect(contentsOf(folder)).toEqual(after);
      const told = "conflicts" in landed ? landed.conflicts : [];
      const texts = told.map(({ path, reason }) => `${path}: ${reason.replace(folder.path, "WORKSPACE")}`);
      expect(texts).toEqual([...conflicts]);
    }
  });
});
