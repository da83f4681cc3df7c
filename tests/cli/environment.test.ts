import { expect, test } from "bun:test";
import { type Folder, makeFolder } from "../support/harness.ts";

const workspace = `name: test-workspace
config:
  container:
    image: polycrate-test:busybox
    env: {WHO: workspace, TOKEN: {from_env: TOKEN_OF_ALL}, VERSION: 1.10}
extraenv: ["EXTRA=workspace"]
blocks:
  - name: base
    env: {WHO: base, TOKEN: {from_file: base.txt}, ONLY: base, MODE: 0644}
    actions:
      - name: deploy
        env: {STEP: base, SECRET: {from_env: SECRET}}
        script: [env]
      - name: look
        script: [env]
  - name: web
    from: base
    env: {WHO: web, TOKEN: {from_env: TOKEN_OF_WEB}, EXTRA: web}
    actions:
      - name: deploy
        env: {WHO: deploy, SECRET: {from_file: secret.txt}}
`;

const files = { "workspace.poly": workspace, "base.txt": "of the base", "secret.txt": "of the action" };

/** What the action would get, by the dry run; a secret as where it comes from. */
async function environmentOf(
  folder: Folder,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const { stdout, stderr } = await folder.run([...words, "--dry-run"], { env });
  expect(stderr).toBe("");
  const wanted = new Set(["WHO", "TOKEN", "VERSION", "EXTRA", "ONLY", "MODE", "STEP", "SECRET"]);
  const plain = [...stdout.matchAll(/^ {2}--env=(\w+)=(.*?) \\$/gm)].flatMap(([, name = "", value = ""]) =>
    wanted.has(name) ? [[name, value]] : [],
  );
  const secret = [...stdout.matchAll(/^POLYCRATE_ENV_(\w+)=\$(?:\{(\w+)\?\}|\(cat (\S+))/gm)].map(
    ([, name = "", variable, file = ""]) => [name, variable ?? file.replace(`${folder.path}/`, "")],
  );
  return Object.fromEntries([...plain, ...secret]);
}

test("the nearer `env` wins: workspace, block by block of the lineage, action, command line", async () => {
  using folder = makeFolder(files);
  const env = { TOKEN_OF_WEB: "long enough" };
  expect(await environmentOf(folder, ["run", "web", "deploy", "-e", "STEP=line"], env)).toEqual({
    WHO: "deploy",
    TOKEN: "TOKEN_OF_WEB",
    VERSION: "1.10",
    EXTRA: "web",
    ONLY: "base",
    MODE: "0644",
    STEP: "line",
    SECRET: "secret.txt",
  });
});

test("an action without an `env` has the block's, `exec --block` too, and without a block there is the workspace's", async () => {
  using folder = makeFolder(files);
  const ofBase = {
    WHO: "base",
    TOKEN: "base.txt",
    VERSION: "1.10",
    EXTRA: "workspace",
    ONLY: "base",
    MODE: "0644",
  };
  expect(await environmentOf(folder, ["run", "base", "look"])).toEqual(ofBase);
  const { stdout } = await folder.run(["exec", "--block=base", "--dry-run", "--", "env"]);
  expect(stdout).toContain("--env=WHO=base \\\n");
  const { exitCode, stderr } = await folder.run(["exec", "--dry-run", "--", "env"]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 65,
    stderr:
      "error: workspace.poly:5:34: the variable `TOKEN_OF_ALL` is not set\nhint: set it: `export TOKEN_OF_ALL=…`\n",
  });
});

test("a missing `from_env` stops only the action that asks for it, and is told where it is written", async () => {
  using folder = makeFolder(files);
  const { exitCode, stderr } = await folder.run(["run", "base", "deploy", "--dry-run"]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 65,
    stderr:
      "error: workspace.poly:12:35: the variable `SECRET` is not set\nhint: set it: `export SECRET=…`\n",
  });
  expect((await folder.run(["run", "base", "look", "--dry-run"])).exitCode).toBe(0);
});

test("a block file's own `env` is told with its place", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/web/block.poly":
      "name: web\nenv:\n  A: {from_env: NOT_THERE}\nactions:\n  - name: act\n    script: [env]\n",
  });
  const { stderr } = await folder.run(["run", "web", "act", "--dry-run"]);
  expect(stderr).toStartWith("error: blocks/web/block.poly:3:6: the variable `NOT_THERE` is not set\n");
});

test("`validate` looks at the variables of blocks and actions as at those of the workspace", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/web/block.poly":
      "name: web\nenv: {1A: x, API_TOKEN: abc}\nactions:\n  - name: act\n    env: {POLYCRATE_BLOCK: x, A: }\n    script: [env]\n",
  });
  const { stdout } = await folder.run(["validate", "--output=json"]);
  const { problems } = JSON.parse(stdout);
  expect(
    problems.map(
      ({ line, column, code }: { line: number; column: number; code: string }) => `${line}:${column} ${code}`,
    ),
  ).toEqual(["2:7 wrong-variable", "2:14 plain-secret", "5:11 wrong-variable", "5:31 wrong-variable"]);
});

test.each([
  ["PATH: '$PATH:/opt/bin'", ["`$PATH`"]],
  ["PATH: '${PATH:+x}/opt/bin'", ["`${PATH:+x}`"]],
  ["PATH: '/opt/bin:$HOME/bin'", ["`$HOME`"]],
  ["LD_LIBRARY_PATH: '$LD_LIBRARY_PATH:/opt/lib'", ["`$LD_LIBRARY_PATH`"]],
  ["PRICE: '$5 and $HOME'", []],
  ["PATH: /opt/bin:/bin", []],
  ["A: '$AB'", []],
])("`env: {%s}`: that nothing is expanded is told for %p", async (env, told) => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace\nconfig: {container: {env: {${env}}}}\n`,
  });
  const { stdout } = await folder.run(["validate", "--output=json"]);
  const messages = JSON.parse(stdout).problems.map(({ message, code }: { message: string; code: string }) => [
    code,
    /it contains (`[^`]*`)/.exec(message)?.[1],
  ]);
  expect(messages).toEqual(told.map((one) => ["unexpanded-variable", one]));
});

test("the snapshot keeps the `env` of block and action as it is written, and shows no secret", async () => {
  using folder = makeFolder(files);
  const { stdout } = await folder.run(["snapshot", "web", "deploy"], {
    env: { TOKEN_OF_WEB: "long enough" },
  });
  expect(stdout).toContain("from_file: secret.txt\n");
  expect(stdout).toMatch(/^ {2}TOKEN: ("?)\*\*\*\1$/m);
  expect(stdout).not.toContain("long enough");
  expect(stdout).not.toContain("of the action");
});

test.each([
  ["Bad Image!", false],
  ["debian:12 ", false],
  ["Debian:12", false],
  ["${IMAGE}", false],
  ["a//b", false],
  ["debian:12-slim", true],
  ["registry.example.com:5000/a/b_c:1.2", true],
  ["localhost/x", true],
  ["MyHost.example/x:1", true],
  [`debian@sha256:${"a".repeat(64)}`, true],
])("`image: %s` is an image reference: %p", async (image, isOne) => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace\nconfig:\n  container:\n    image: ${JSON.stringify(image)}\n`,
  });
  const { stdout } = await folder.run(["validate"]);
  expect(
    stdout.includes(`error: workspace.poly:4:12: \`${image}\` is not a valid image reference [wrong-image]`),
  ).toBe(!isOne);
});
