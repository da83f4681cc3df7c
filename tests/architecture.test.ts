import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** The folders of `src` in the order of dependency: a file may import from its own folder and from those below. */
const floors = ["commands", "execution", "plan", "workspace", "host"];

/** Packages and the only folders that may use them. */
const homes: Readonly<Record<string, readonly string[]>> = {
  citty: ["commands", "main.ts"],
  "zx/core": ["execution"],
  valibot: ["workspace"],
  yaml: ["workspace"],
  "@valibot/to-json-schema": ["workspace"],
  "@clack/prompts": ["commands"],
};

const root = join(import.meta.dir, "..", "src");
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".ts"));

type Import = { readonly file: string; readonly target: string };

const imports = files.flatMap((file): readonly Import[] => {
  const text = readFileSync(join(root, file), "utf8");
  const targets = [...text.matchAll(/from "([^"]+)"/g)].map(([, target = ""]) => target);
  return targets.map((target) => ({
    file,
    target: target.startsWith(".") ? normalize(join(dirname(file), target)) : target,
  }));
});

const floorOf = (file: string) => floors.indexOf(file.split("/")[0] ?? "");

test("imports only point down: commands, execution, plan, workspace, host, errors", () => {
  const upward = imports.filter(({ file, target }) => {
    if (!target.endsWith(".ts") || floorOf(target) < 0) return false;
    return file !== "main.ts" && (floorOf(file) < 0 || floorOf(target) < floorOf(file));
  });
  expect(upward).toEqual([]);
});

test("no two files import each other in a circle", () => {
  const graph = Map.groupBy(
    imports.filter(({ target }) => target.endsWith(".ts")),
    ({ file }) => file,
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file) || path.includes(file)) return;
    for (const { target } of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test.each(Object.entries(homes))("%s is used in its own place only", (name, places) => {
  const strangers = imports.filter(
    ({ file, target }) => target === name && !places.includes(file.split("/")[0] ?? ""),
  );
  expect(strangers).toEqual([]);
});

test("a plan is pure: nothing in it reads files, starts programs or asks for the time", () => {
  const effects =
    /from "(?:node:(?:fs|child_process|os|process|net)[^"]*|bun)"|\bBun\.(?:spawn|file|write)|\bprocess\.|new Date\(\)|Date\.now/;
  const impure = files.filter(
    (file) => file.startsWith("plan/") && effects.test(readFileSync(join(root, file), "utf8")),
  );
  expect(impure).toEqual([]);
});

const users = (what: RegExp, homes: RegExp) =>
  files.filter((file) => !homes.test(file) && what.test(readFileSync(join(root, file), "utf8")));

test("only execution starts programs", () => {
  expect(users(/\b(?:Bun\.spawn|child_process)\b/, /^execution\//)).toEqual([]);
});

test("only host opens, writes and removes files", () => {
  const opens =
    /\b(?:open(?:Sync|AsBlob|dir\w*)|readFile(?:Sync|\()|create(?:Read|Write)Stream|fs\/promises|Bun\.(?:file|write))\b/;
  const changes =
    /\b(?:(?:write|append|copy|truncate)File\w*|(?:mkdir|mkdtemp|rename|rm|rmdir|unlink|symlink|link|chmod|chown|utimes|cp)Sync)\b/;
  expect(users(opens, /^host\//)).toEqual([]);
  expect(users(changes, /^host\//)).toEqual([]);
});

test("no file has a name that says nothing", () => {
  const names = files.map((file) => file.split("/").at(-1) ?? "");
  expect(
    names.filter((name) => /^(?:utils?|helpers?|common|types|core|manager|index)\.ts$/.test(name)),
  ).toEqual([]);
});
