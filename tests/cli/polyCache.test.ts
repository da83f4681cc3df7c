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
  const file = join(home, "polycrate", files[0] ?? "");
  const written = readFileSync(file);
  await workspace.run(["list"], { env });
  expect(readdirSync(join(home, "polycrate"))).toEqual(files);
  expect(readFileSync(file)).toEqual(written);
});
