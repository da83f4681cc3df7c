import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { busybox, call, executable, makeFolder } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

test("the Dockerfile adds to the image with the toolchain, and says how to make that image here", async () => {
  using folder = makeFolder({});
  await folder.run(["init", "--yes", "--no-ssh-key"]);
  const dockerfile = folder.read("Dockerfile.poly");
  expect(dockerfile).toContain("\nFROM cargo.ayedo.cloud/library/polycrate:latest\n");
  expect(dockerfile).toContain("# image that you built with `polycrate toolchain build`");
  await folder.run(["init", "other", "--yes", "--no-ssh-key", `--image=${busybox}`]);
  expect(folder.read("other/Dockerfile.poly")).not.toContain("toolchain");
});

test("git keeps neither keys nor what polycrate writes", async () => {
  using folder = makeFolder({});
  await folder.run(["init", "--yes", "--no-dockerfile", `--image=${busybox}`]);
  await folder.run(["run", "hello", "greet"]);
  await call(["git", "init", "--quiet", "."], { directory: folder.path });
  const { stdout } = await call(["git", "status", "--porcelain", "--untracked-files=all"], {
    directory: folder.path,
  });
  const untracked = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(3));
  expect(untracked.filter((path) => path !== "known_hosts").sort()).toEqual([
    ".gitignore",
    ".schema/block.json",
    ".schema/secrets.json",
    ".schema/workspace.json",
    "blocks/hello/block.poly",
    "id_ed25519.pub",
    "workspace.poly",
  ]);
});

test("what is there stays as it is", async () => {
  using folder = makeFolder({
    ".gitignore": "mine\n",
    "Dockerfile.poly": "FROM mine\n",
    id_ed25519: "mine\n",
  });
  const { stdout, stderr, exitCode } = await folder.run(["init", "--yes"]);
  expect(exitCode).toBe(0);
  for (const path of [".gitignore", "Dockerfile.poly", "id_ed25519"]) {
    expect(stdout).toContain(`kept ${path}\n`);
    expect(folder.read(path)).toContain("mine\n");
  }
  expect(stderr).toContain("make sure that .gitignore contains these lines: /.polycrate/ ");
});

test("a workspace is not made twice: 64", async () => {
  using folder = makeFolder({ "workspace.poly": "name: mine" });
  const result = await folder.run(["init", "--yes"]);
  expect(result).toEqual({
    stdout: "",
    stderr: `error: \`${folder.path}\` is already a workspace\nhint: \`polycrate list\` shows its blocks; \`polycrate block new NAME\` adds one\n`,
    exitCode: 64,
  });
  expect(folder.glob("**")).toEqual(["workspace.poly"]);
});

test("without a terminal and without `--yes` nothing is made: 64", async () => {
  using folder = makeFolder({});
  expect(await folder.run(["workspace", "init"])).toEqual({
    stdout: "",
    stderr:
      "error: `polycrate init` cannot ask questions without a terminal\nhint: pass `--yes` to answer all questions with yes\n",
    exitCode: 64,
  });
  expect(folder.glob("**")).toEqual([]);
});

test("a link on the way is not followed: 73", async () => {
  using folder = makeFolder({});
  using outside = makeFolder({});
  symlinkSync(outside.path, join(folder.path, "blocks"));
  expect((await folder.run(["init", "--yes", "--no-ssh-key"])).exitCode).toBe(73);
  expect(outside.glob("**")).toEqual([]);
});

test.each([
  ["My Shop (2)", "My-Shop-2"],
  ["42", "workspace"],
])("the folder %s makes a workspace called %s", async (folderName, name) => {
  using folder = makeFolder({}, folderName);
  await folder.run(["init", "--yes", "--no-ssh-key", "--no-dockerfile"]);
  expect(folder.read("workspace.poly")).toContain(`name: ${name}\n`);
  expect((await folder.run(["list"])).exitCode).toBe(0);
});

test("on a terminal it asks, and a no is a no", async () => {
  using folder = makeFolder({});
  await using screen = openScreen([executable, "init", "demo"], { directory: folder.path });
  await screen.until("What is the name of the workspace?");
  screen.type("s\r");
  await screen.until("Create a Dockerfile.poly");
  screen.type("n");
  await screen.until("Create an ssh key");
  screen.type("y");
  await screen.until("now try: cd demo && polycrate run hello greet");
  expect(await screen.exited).toBe(0);
  expect(folder.read("demo/workspace.poly")).toContain("name: demos\n");
  expect(folder.glob("demo/{id_ed25519,Dockerfile.poly}")).toEqual(["demo/id_ed25519"]);
});

test("leaving a question makes nothing: 130", async () => {
  using folder = makeFolder({});
  await using screen = openScreen([executable, "init", "demo"], { directory: folder.path });
  await screen.until("What is the name of the workspace?");
  screen.type("\u0003");
  expect(await screen.exited).toBe(130);
  expect(folder.glob("**")).toEqual([]);
});

test.each([
  [["block", "new", "../up"], "error: invalid block name `../up`\n"],
  [["block", "new", ".hidden"], "error: invalid block name `.hidden`\n"],
  [["block", "new", "b"], "error: block `b` already exists\n"],
  [["block", "new", "c"], "error: `blocks/c/block.poly` already exists\n"],
  [["block", "new", "d", "--from", "bb"], "error: there is no block `bb`\nhint: did you mean `b`?\n"],
])("`polycrate %p` writes nothing: 64", async (words, message) => {
  const files = { "workspace.poly": "name: mine\nblocks: [{name: b}]", "blocks/c/block.poly": "name: other" };
  using folder = makeFolder(files);
  const { stdout, stderr, exitCode } = await folder.run(words);
  expect(stderr).toStartWith(message);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 64 });
  expect(folder.glob("**").length).toBe(2);
});
