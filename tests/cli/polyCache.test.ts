import { deserialize } from "bun:jsc";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../support/harness.ts";

let home = "";

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "polycrate-cache-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

test("the executable shows an edit at once, and works without a place for its cache", async () => {
  using workspace = makeFolder({
    "workspace.poly": "name: cached\n",
    "blocks/web/block.poly": "name: web\ndescription: first\n",
  });
  const list = (env: Readonly<Record<string, string | undefined>>) => workspace.run(["list"], { env });
  const env = { XDG_CACHE_HOME: home };
  expect((await list(env)).stdout).toContain("first");
  expect(readdirSync(join(home, "polycrate"))).toHaveLength(1);
  const status = statSync(join(workspace.path, "blocks/web/block.poly"));
  workspace.write("blocks/web/block.poly", "name: web\ndescription: other\n");
  utimesSync(join(workspace.path, "blocks/web/block.poly"), status.atime, status.mtime);
  expect((await list(env)).stdout).toContain("other");
  for (const nowhere of ["/proc/nothing", "/dev/null", "", join(home, "missing/deep")]) {
    const result = await list({ XDG_CACHE_HOME: nowhere, HOME: nowhere });
    expect(result.stdout).toContain("other");
    expect(result.stderr).toBe("");
  }
});

test("twenty commands at once leave one whole file", async () => {
  using workspace = makeFolder({ "workspace.poly": "name: cached\n" });
  for (let number = 0; number < 20; number++) {
    workspace.write(`blocks/b${number}/block.poly`, `name: block-${number}\n`);
  }
  const env = { XDG_CACHE_HOME: home };
  const results = await Promise.all(Array.from({ length: 20 }, () => workspace.run(["list"], { env })));
  for (const { stdout } of results) expect(stdout).toContain("block-19");
  const files = readdirSync(join(home, "polycrate"));
  expect(files).toHaveLength(1);
  // Hash and length come first.
  const kept: unknown = deserialize(readFileSync(join(home, "polycrate", files[0] ?? "")).subarray(36));
  expect(kept instanceof Map && kept.size).toBe(21);
});

test("a command that needs all blocks finds them when another one looked only at some", async () => {
  using workspace = makeFolder({
    "workspace.poly": "name: cached\n",
    "blocks/base/block.poly": "name: base\nactions: [{name: act, script: [x]}]\n",
    "blocks/heir/block.poly": "name: heir\nfrom: base\n",
    "blocks/other/block.poly": "name: other\nconfig: {word: seen}\nunknown: 1\n",
  });
  const env = { XDG_CACHE_HOME: home };
  const inspect = () => workspace.run(["inspect", "heir", "act"], { env });
  const first = await inspect();
  expect(await inspect()).toEqual(first);
  const commands = [["validate"], ["list", "--output=json"], ["inspect"], ["snapshot"], ["inspect", "other"]];
  for (const words of commands) {
    const [kept, verified, fresh] = await Promise.all(
      [env, { ...env, POLYCRATE_CACHE: "verify" }, { XDG_CACHE_HOME: "/dev/null" }].map(async (env) => {
        const result = await workspace.run(words, { env });
        // The only difference between two snapshots.
        return { ...result, stdout: result.stdout.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID") };
      }),
    );
    expect(kept).toEqual(fresh);
    expect(verified).toEqual(fresh);
  }
});
