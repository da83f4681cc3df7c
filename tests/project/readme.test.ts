import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readCommandName } from "../../src/cli/aliases.ts";
import { checkCommandLine } from "../../src/cli/parseArgs.ts";
import { commands } from "../../src/cli/registry.ts";
import { topicNames } from "../../src/cli/topics/topics.ts";
import { call, executable, type Folder, makeFolder } from "../support/harness.ts";
import { definitionOf } from "../support/help.ts";
import { blocksOf, fencedBlocks, readme, root } from "../support/readme.ts";
import { serveRelease } from "../support/releasePage.ts";
import { topicBlocks } from "../support/topics.ts";

const files = topicBlocks(readme).at(-1)?.files ?? {};

test("the README has at most 200 lines, and its first 30 say what polycrate is, why, and how to get it", () => {
  const lines = readme.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(200);
  const first = lines.slice(0, 30).join("\n");
  for (const part of ["# polycrate\n", "(.github/terminal.svg)", "\n## Why\n", "install.sh | sh"])
    expect(first).toContain(part);
});

test("the files of the README are a valid workspace", async () => {
  using folder = makeFolder(files);
  const { stdout, exitCode } = await folder.run(["validate", "--strict"]);
  expect(stdout).toContain("my-workspace is valid: 3 blocks");
  expect(exitCode).toBe(0);
});

const commandLines = fencedBlocks(readme).flatMap(({ text }) =>
  [...text.matchAll(/(?:^|^\$ |run: |- |\$\()polycrate ([^#|<>&;)\n]+)/gm)].map(([, line = ""]) =>
    line.trim(),
  ),
);

test.each(commandLines)("`polycrate %s` is a command line that polycrate accepts", async (line) => {
  const { name, rest } = readCommandName(commands, line.split(/\s+/));
  const { args } = await definitionOf(name);
  expect(() => checkCommandLine(name, typeof args === "object" ? args : {}, rest)).not.toThrow();
});

test("every topic has its line, with a link to its own file", () => {
  const named = [...readme.matchAll(/^- \[`polycrate help (.+)`\]\(src\/cli\/topics\/(.+)\.md\): /gm)];
  expect(named.map(([, name = ""]) => name).sort()).toEqual([...topicNames].sort());
  expect(named.map(([, name]) => name)).toEqual(named.map(([, , file]) => file));
});

/** Runs a script of the README with the release of a page, whose executable is this shell script. */
async function runWith(
  page: string,
  script: string,
  folder: Folder,
  env: Readonly<Record<string, string>> = {},
) {
  folder.write("bin/apk", "");
  await call(["chmod", "755", join(folder.path, "bin/apk")]);
  const path = [join(folder.path, "bin"), join(folder.path, ".local/bin"), process.env.PATH].join(":");
  return call(["bash", "-c", script.replaceAll("https://PAGE", page)], {
    directory: folder.path,
    env: { HOME: folder.path, PATH: path, ...env },
  });
}

test("the commands that install polycrate do, from a page with a release", async () => {
  using folder = makeFolder({});
  await using page = await serveRelease(folder.path, `exec ${executable} "$@"`);
  const [script = ""] = blocksOf("sh");
  const { stdout } = await runWith(page.url, `${script}complete -p polycrate`, folder);
  expect(stdout).toContain(`is installed: ${folder.path}/.local/bin/polycrate\n`);
  expect(stdout).toMatch(/^(ok|warning|error) +/m);
  expect(stdout).toContain("polycrate\n");
  expect(stdout).toMatch(/^complete .* polycrate$/m);
});

test("the steps of the GitHub workflow install polycrate and run the action", async () => {
  using folder = makeFolder({ path: "" });
  await using page = await serveRelease(folder.path, 'echo "polycrate $*"');
  const { jobs } = parse(files[".github/workflows/deploy.yml"] ?? "");
  const steps = jobs.deploy.steps.flatMap(({ run }: { run?: string }) => run ?? []);
  // A step begins with the directories that those before it have added.
  const script = steps.join("\nPATH=$(tail -n 1 path):$PATH\n");
  const env = { RUNNER_TEMP: folder.path, GITHUB_PATH: join(folder.path, "path") };
  const { stdout, exitCode } = await runWith(page.url, `set -e\n${script}`, folder, env);
  expect(stdout).toEndWith("\npolycrate validate --strict\npolycrate run web install --yes\n");
  expect(exitCode).toBe(0);
});

test("the script of the GitLab job installs polycrate and runs the action", async () => {
  using folder = makeFolder({});
  await using page = await serveRelease(folder.path, 'echo "polycrate $*"');
  const { deploy } = parse(files[".gitlab-ci.yml"] ?? "");
  const script = [...deploy.before_script, ...deploy.script].join("\n");
  const local = script.replace("/usr/local", `${folder.path}/.local`);
  const { stdout, exitCode } = await runWith(page.url, `set -e\n${local}`, folder);
  expect(stdout).toEndWith("\npolycrate run web install --yes\n");
  expect(exitCode).toBe(0);
});

test("the scripts for a clone exist and take `--no-install`", async () => {
  const scripts = [...(blocksOf("sh").at(-1) ?? "").matchAll(/^sh (\S+)/gm)].map(([, script = ""]) => script);
  expect(scripts).toEqual(["scripts/demo.sh", "scripts/test.sh"]);
  for (const script of scripts) {
    expect((await call(["sh", "-n", join(root, script)])).exitCode).toBe(0);
    expect(readFileSync(join(root, script), "utf8")).toContain("[--no-install]");
  }
});

test("the picture plays without a script, stands still on request, and names no folder of a machine", () => {
  const picture = readFileSync(join(root, ".github/terminal.svg"), "utf8");
  expect(picture.length).toBeLessThan(150_000);
  expect(picture).toContain("@media(prefers-reduced-motion:reduce){.t,.s{animation:none}}");
  expect(picture).toContain("@media(prefers-color-scheme:dark)");
  expect(picture).not.toContain("<script");
  expect(picture.replaceAll("/home/you/shop", "")).not.toMatch(/\/(?:tmp|home|root|work)\b/);
});
