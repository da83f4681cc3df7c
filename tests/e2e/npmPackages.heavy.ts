import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../src/version.ts";
import { containersOf } from "../support/docker.ts";
import { call, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { type NpmRegistry, serveNpmRegistry } from "../support/npmRegistry.ts";
import { releaseFile, releaseFolder } from "../support/release.ts";

// The npm packages, installed by their package managers: `sh scripts/test.sh --packages` alone runs this file.

setDefaultTimeout(120_000);

let registry: NpmRegistry | undefined;
beforeAll(() => {
  registry = serveNpmRegistry(releaseFolder);
});
afterAll(() => registry?.[Symbol.asyncDispose]());

const pnpm = process.env.POLYCRATE_TEST_PNPM ?? "pnpm";

/** The commands of each package manager; all of them keep what they download below the folder. */
const managers = {
  npm: { add: ["npm", "install"], run: ["npx"], temporary: ["npx", "--yes", `polycrate@${version}`] },
  pnpm: { add: ["node", pnpm, "add"], run: ["node", pnpm, "exec"], temporary: ["node", pnpm, "dlx"] },
  bun: { add: [process.execPath, "add"], run: [process.execPath, "x"], temporary: [process.execPath, "x"] },
} as const;

type Manager = keyof typeof managers;

const names: readonly Manager[] = ["npm", "pnpm", "bun"];

function callIn(folder: Folder, words: readonly string[]) {
  const url = registry?.url ?? "";
  const env = {
    ...Object.fromEntries(
      Object.keys(process.env).flatMap((name) => (/^(npm|bun|pnpm)_/i.test(name) ? [[name, undefined]] : [])),
    ),
    HOME: folder.path,
    XDG_CACHE_HOME: join(folder.path, "cache"),
    XDG_DATA_HOME: join(folder.path, "data"),
    BUN_INSTALL_CACHE_DIR: join(folder.path, "cache/bun"),
    BUN_TMPDIR: folder.path,
    TMPDIR: folder.path,
    npm_config_registry: url,
    npm_config_userconfig: join(folder.path, "npmrc"),
    BUN_CONFIG_REGISTRY: url,
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
  };
  return call(words, { directory: folder.path, env });
}

async function projectOf(manager: Manager): Promise<Folder> {
  const folder = makeFolder({
    "package.json": '{"name": "a-project", "private": true}\n',
    npmrc: "",
    "workspace.poly": workspaceWith("- {name: wait, script: [echo ready, sleep 300]}"),
  });
  const added = await callIn(folder, [...managers[manager].add, "polycrate"]);
  if (added.exitCode !== 0) throw new Error(added.stdout + added.stderr);
  return folder;
}

const launcher = (folder: Folder) => join(folder.path, "node_modules/.bin/polycrate");

test.each(names)("%s installs polycrate, and only the executable for this platform", async (manager) => {
  using folder = await projectOf(manager);
  expect(await callIn(folder, [launcher(folder), "version"])).toEqual({
    stdout: `${version}\n`,
    stderr: "",
    exitCode: 0,
  });
  expect((await callIn(folder, [...managers[manager].run, "polycrate", "version"])).stdout).toBe(
    `${version}\n`,
  );
  const store = join(folder.path, "node_modules/.pnpm");
  const installed =
    manager === "pnpm"
      ? readdirSync(store).filter((name) => name.startsWith("@polycrate+"))
      : readdirSync(join(folder.path, "node_modules/@polycrate"));
  const platforms = installed.filter((name) => !name.includes("musl"));
  expect(platforms.join(" ")).toMatch(new RegExp(`^(@polycrate\\+)?linux-${process.arch}(@${version})?$`));
});

test.each(names)("%s runs it once, without a project", async (manager) => {
  using folder = makeFolder({ npmrc: "" });
  const { temporary } = managers[manager];
  const words = manager === "npm" ? [...temporary, "version"] : [...temporary, "polycrate", "version"];
  const { stdout, exitCode } = await callIn(folder, words);
  expect({ stdout, exitCode }).toEqual({ stdout: `${version}\n`, exitCode: 0 });
});

test.each(names)("SIGTERM to what %s installed ends the action and its container", async (manager) => {
  using folder = await projectOf(manager);
  const child = Bun.spawn([launcher(folder), "run", "b", "wait"], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined },
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toBe("ready\n");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(await containersOf(folder)).toEqual([]);
});

test("npm installs it from the archives alone, and globally with manual pages", async () => {
  using folder = makeFolder({ npmrc: "", "package.json": "{}\n" });
  const archives = [`polycrate-${version}.tgz`, `polycrate-linux-${process.arch}-${version}.tgz`].map(
    (name) => releaseFile(new RegExp(`^${name.replaceAll(".", "\\.")}$`)),
  );
  expect(await callIn(folder, ["npm", "install", ...archives])).toMatchObject({ exitCode: 0 });
  expect((await callIn(folder, ["npx", "polycrate", "version"])).stdout).toBe(`${version}\n`);
  const global = ["npm", "install", "--global", `--prefix=${folder.path}/global`, "polycrate"];
  expect(await callIn(folder, global)).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(folder.path, "global/share/man/man1/polycrate-run.1"))).toBe(true);
  folder.write("newer/workspace.poly", 'name: w\nrequires: ">=99"\n');
  const words = [join(folder.path, "global/bin/polycrate"), "list", "--workspace=newer"];
  expect((await callIn(folder, words)).stderr).toContain(
    "hint: `npm install --global 'polycrate@>=99'` installs it\n",
  );
});

test("without optional dependencies the launcher says what is missing", async () => {
  using folder = makeFolder({ npmrc: "", "package.json": "{}\n" });
  await callIn(folder, ["npm", "install", "--omit=optional", "polycrate"]);
  const { stderr, exitCode } = await callIn(folder, [launcher(folder), "version"]);
  expect(stderr).toStartWith(
    `error: the package @polycrate/linux-${process.arch}, which has the executable, is not`,
  );
  expect(exitCode).toBe(69);
});
