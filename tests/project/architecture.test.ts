import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** The rooms of `src` in the order of imports: a file may import from its own room and from those before it. */
const rooms = [
  "errors.ts",
  "version.ts",
  "host",
  "yaml",
  "secrets",
  "workspace",
  "tar",
  "image",
  "transfer",
  "engine",
  "trust",
  "registry",
  "plan",
  "transactions",
  "run",
  "toolchain",
  "doctor",
  "selfTest",
  "reports",
  "cli",
  "main.ts",
];

/** Packages and the only rooms that may use them. */
const homes: Readonly<Record<string, readonly string[]>> = {
  citty: ["cli", "main.ts"],
  "zx/core": ["host"],
  valibot: ["secrets", "workspace", "reports"],
  yaml: ["yaml"],
  "@valibot/to-json-schema": ["workspace"],
  "@clack/prompts": ["cli"],
};

const root = join(import.meta.dir, "../../src");
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".ts"));

type Import = { readonly file: string; readonly target: string };

const imports = files.flatMap((file): readonly Import[] => {
  const text = readFileSync(join(root, file), "utf8");
  const targets = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(
    ([, target = ""]) => target,
  );
  return targets.map((target) => ({
    file,
    target: target.startsWith(".") ? normalize(join(dirname(file), target)) : target,
  }));
});

const roomOf = (file: string) => file.split("/")[0] ?? "";
const rankOf = (file: string) => rooms.indexOf(roomOf(file));
const inside = imports.filter(({ target }) => target.endsWith(".ts"));

test("every file is in a room of the list", () => {
  expect(files.filter((file) => rankOf(file) < 0 && !file.endsWith(".d.ts"))).toEqual([]);
});

test("imports only point to earlier rooms, lazy ones too", () => {
  expect(inside.filter(({ file, target }) => rankOf(target) > rankOf(file))).toEqual([]);
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

test("only host starts programs", () => {
  const starts = /\b(?:Bun\.spawn|child_process)\b/;
  expect(
    files.filter((file) => !file.startsWith("host/") && starts.test(readFileSync(join(root, file), "utf8"))),
  ).toEqual([]);
});

test("only host opens, writes and removes files", () => {
  const harmless =
    /^(?:type .*|BigIntStats|[lf]?statSync|statfsSync|readdirSync|readlinkSync|realpathSync|readSync|writeSync|closeSync)$/;
  const openers = files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const names = [...text.matchAll(/import \{([^}]*)\} from "node:fs"/g)].flatMap(([, list = ""]) =>
      list.split(",").map((name) => name.trim()),
    );
    const strange = names.filter((name) => name !== "" && !harmless.test(name));
    const others =
      /"(?:node:)?fs\/promises"|(?<!node:)"fs"|\* as \w+ from "node:fs"|\bBun\.(?:file|write)\b/.exec(text);
    return file.startsWith("host/") ? [] : [...strange, ...(others ?? [])].map((name) => `${file}: ${name}`);
  });
  expect(openers).toEqual([]);
});

test("only the engine's room spells its program", () => {
  const spelling = files.filter((file) => /"docker"/.test(readFileSync(join(root, file), "utf8")));
  expect(spelling.filter((file) => roomOf(file) !== "engine")).toEqual([]);
});

/** The files of `src` whose text has this, as `file: what`. */
function filesWith(pattern: RegExp): readonly string[] {
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(pattern)].map(([found]) => `${file}: ${found}`),
  );
}

test("only cli and main print", () => {
  const prints = filesWith(/\b(?:stdout|stderr)(?:\.stream)?\.write\b|\bconsole\.\w+/g);
  expect(prints.filter((line) => !/^(?:cli\/|main\.ts)/.test(line))).toEqual([]);
});

test("only main exits and listens to signals", () => {
  const ends = filesWith(/\bprocess\.(?:exit|on|once|addListener)\b/g);
  expect(ends.filter((line) => !line.startsWith("main.ts"))).toEqual([]);
});

test("no module has a state of its own but the name of this process, which does not change", () => {
  expect(filesWith(/^(?:export )?let \w+/gm)).toEqual(["host/owner.ts: let self"]);
});

test("a name of a function or type is given once", () => {
  const names = files.flatMap((file) =>
    [
      ...readFileSync(join(root, file), "utf8").matchAll(
        /^(?:export )?(?:(?:async )?function\*? (\w+)|type (\w+)|const (\w+)[^=\n]*= (?:async )?\()/gm,
      ),
    ].map(([, one, two, three]) => ({ file, name: one ?? two ?? three ?? "" })),
  );
  const twice = [...Map.groupBy(names, ({ name }) => name)].filter(
    ([, places]) => new Set(places.map(({ file }) => file)).size > 1,
  );
  expect(twice.map(([name, places]) => `${name}: ${places.map(({ file }) => file).join(", ")}`)).toEqual([]);
});

test("no file has more than 300 lines", () => {
  const lengths = files.map((file) => ({
    file,
    lines: readFileSync(join(root, file), "utf8").split("\n").length,
  }));
  expect(lengths.filter(({ lines }) => lines > 301)).toEqual([]);
});

test("a plan knows of this machine only what it is given: of host it uses arguments, and types", () => {
  const used = filesWith(/^import (?!type ).* from "(?:\.\.\/)+host\/(?!arg\.ts).*"/gm);
  expect(used.filter((line) => line.startsWith("plan/"))).toEqual([]);
});

test("no module of node is loaded at every start for what Bun has anyway", () => {
  const slow = ["node:crypto", "node:timers/promises", "node:fs/promises"];
  expect(imports.filter(({ target }) => slow.includes(target))).toEqual([]);
});

test("no file has a name that says nothing", () => {
  const names = files.map((file) => file.split("/").at(-1) ?? "");
  expect(
    names.filter((name) => /^(?:utils?|helpers?|common|types|core|manager|index)\.ts$/.test(name)),
  ).toEqual([]);
});

/**
 * What a test needs says where it is: nothing, a browser, the executable, or an engine too; `project` is about this project
 * itself.
 */
const places = ["unit", "browser", "cli", "e2e", "project"];

const testsRoot = join(import.meta.dir, "..");
const tests = readdirSync(testsRoot, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, place: roomOf(file), text: readFileSync(join(testsRoot, file), "utf8") }));

test("every test is in a place of the list, and what is not a test is in `support`", () => {
  const isTest = (file: string) => /\.(?:test|heavy)\.ts$/.test(file);
  const strangers = tests.filter(({ file, place }) =>
    isTest(file) ? !places.includes(place) : place !== "support",
  );
  expect(strangers.map(({ file }) => file)).toEqual([]);
});

test("a unit test is where its source file is, under the same name", () => {
  const sources = tests
    .filter(({ place }) => place === "unit")
    .map(({ file }) => file.replace(/^unit\/(.*)\.test\.ts$/, "$1.ts"));
  expect(sources.filter((source) => !files.includes(source))).toEqual([]);
});

test("a unit test does not use the executable", () => {
  const uses = /\b(?:folder|workspace)\.run\(|\bexecutable\b[^;]*from "[^"]*harness\.ts"|dist\/polycrate/;
  const users = tests.filter(({ place, text }) => place === "unit" && uses.test(text));
  expect(users.map(({ file }) => file)).toEqual([]);
});

test("only the tests in `browser` use one", () => {
  const users = tests.filter(
    ({ place, text }) => place !== "browser" && /from "[^"]*\/browser\.ts"/.test(text),
  );
  expect(users.map(({ file }) => file)).toEqual([]);
});

test("only the tests in `e2e` use an engine", () => {
  const uses = /from "[^"]*\/(?:docker|chaos)\.ts"|\b(?:call|spawn|spawnSync)\(\s*\[\s*"(?:docker|podman)"/;
  const users = tests.filter(
    ({ place, text }) =>
      ["unit", "browser", "cli", "project"].includes(place) &&
      uses.test(text.replaceAll(/from "[^"]*\/src\/[^"]*"/g, "")),
  );
  expect(users.map(({ file }) => file)).toEqual([]);
});
