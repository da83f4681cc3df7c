import { expect, test } from "bun:test";
import { dirname, resolve } from "node:path";
import { git } from "../support/git.ts";
import { busybox, call, executable, type Folder, makeFolder } from "../support/harness.ts";

const gitlabCiLocal = resolve(import.meta.dir, "../../node_modules/gitlab-ci-local/dist/index.js");

/** Each action adds what it finds of earlier steps to its artifacts. */
const actions = `
config: {container: {image: "${busybox}", user: host}}
blocks:
  - name: web
    actions:
      - name: build
        script: echo built >"$POLYCRATE_BLOCK_ARTIFACTS/built"
      - name: show
        script: cat /workspace/artifacts/blocks/*/*
      - name: test
        inputs: {token: {secret: true}, name: {required: true}}
        script:
          - grep built "$POLYCRATE_BLOCK_ARTIFACTS/built"
          - echo "$INPUT_NAME on $MATRIX_OS, \${#INPUT_TOKEN}"
          - '[ "$MATRIX_OS" != "mac os" ]'
  - name: db
    actions:
      - name: dump
        script: cat /workspace/artifacts/blocks/web/built; echo dumped >"$POLYCRATE_BLOCK_ARTIFACTS/dump"
`;

const graph = `name: shop
${actions}
workflows:
  - name: release
    steps:
      - {name: build, block: web, action: build}
      - {name: dump, block: db, action: dump, needs: build}
      - {name: show, block: web, action: show, needs: dump}
      - name: test
        block: web
        action: test
        needs: build
        matrix: {os: [linux, "mac os"]}
        inputs: {name: shop, token: {from_env: TOKEN}}
      - {name: deploy, block: web, action: show, needs: [test, dump]}
      - {name: tell, block: web, action: show, needs: test, when: failure}
`;

const environment = { TOKEN: "s3cr3t", PATH: `${dirname(executable)}:${process.env.PATH}` };

/** Runs the exported pipeline as GitLab would, each job in a checkout of its own; returns its output. */
async function runOnGitlab(folder: Folder): Promise<string> {
  const { stdout, exitCode } = await folder.run(["workflow", "export", "release", "--to=gitlab"]);
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain("s3cr3t");
  folder.write("release.yml", stdout);
  folder.write(".gitignore", ".logs\n.snapshot.yml\nartifacts\n.polycrate\n.gitlab-ci-local\n");
  await git(folder, "init", "--quiet", "--initial-branch=main");
  await git(folder, "remote", "add", "origin", "git@gitlab.example.com:shop/shop.git");
  await git(folder, "add", "--all");
  await git(folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--message=x");
  const words = ["--file=release.yml", "--shell-isolation", "--no-artifacts-to-source"];
  // Jobs that failed are told on standard error.
  const joined = ["sh", "-c", 'exec "$@" 2>&1', "sh", process.execPath, gitlabCiLocal, ...words];
  const run = await call(joined, { directory: folder.path, env: environment });
  return Bun.stripANSI(run.stdout);
}

/** How each job ended, in the order in which they did. */
function endsIn(output: string): readonly string[] {
  const ends = output.matchAll(/^(?!pipeline |parsing )(\S.*?) +finished in .*?(?: FAIL (\d+))?\s*$/gm);
  return Array.from(ends, ([, name = "", code]) => `${name.trim()} ${code ?? "0"}`);
}

test("the exported pipeline runs the graph: the same order, failures, artifacts and inputs", async () => {
  using folder = makeFolder({ "workspace.poly": graph });
  const output = await runOnGitlab(folder);
  const ends = endsIn(output);
  expect(ends.toSorted()).toEqual([
    "build 0",
    "dump 0",
    "show 0",
    "tell 0",
    "test: [linux] 0",
    "test: [mac os] 1",
  ]);
  expect(ends[0]).toBe("build 0");
  expect(ends.indexOf("show 0")).toBeGreaterThan(ends.indexOf("dump 0"));
  expect(ends.indexOf("tell 0")).toBeGreaterThan(ends.indexOf("test: [mac os] 1"));
  const shown = output.split("\n").filter((line) => /^show +> (?:built|dumped)$/.test(line));
  expect(shown.map((line) => line.replace(/^show +> /, ""))).toEqual(["dumped", "built"]);
  expect(output).toContain("> shop on mac os, 6");

  using local = makeFolder({ "workspace.poly": graph });
  await local.run(["run", "release"], { env: environment });
  const records = local.records().map(({ step, matrix, exit_code: code }) => ({ step, matrix, code }));
  expect(records.length).toBe(ends.length);
  expect(records.filter(({ code }) => code !== 0)).toMatchObject([
    { step: "test", matrix: { os: "mac os" }, code: 1 },
  ]);
});

test("an exported sequence runs in order, and stops at the first failure", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: shop
${actions}
workflows:
  - name: release
    steps:
      - {name: build, block: web, action: build}
      - {name: dump, block: db, action: dump}
      - {name: show, block: web, action: show}
      - {name: test, block: web, action: test, inputs: {name: shop, token: {from_env: NOT_SET}}}
      - {name: deploy, block: web, action: show}
`,
  });
  expect(endsIn(await runOnGitlab(folder))).toEqual(["build 0", "dump 0", "show 0", "test 65"]);
});
