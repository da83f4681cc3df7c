import { expect, test } from "bun:test";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { busybox, call, makeFolder } from "../support/harness.ts";

test("`init --yes` makes a workspace whose first action runs, and that nothing is to be said about", async () => {
  using folder = makeFolder({});
  const made = await folder.run(["init", "demo", "--yes", `--image=${busybox}`]);
  expect(made).toEqual({
    stdout: [
      "workspace.poly",
      "blocks/hello/block.poly",
      "Dockerfile.poly",
      ".gitignore",
      ".schema/workspace.json",
      ".schema/block.json",
      ".schema/secrets.json",
      "id_ed25519",
      "id_ed25519.pub",
    ]
      .map((path) => `created demo/${path}\n`)
      .join(""),
    stderr: "now try: cd demo && polycrate run hello greet\n",
    exitCode: 0,
  });
  const key = join(folder.path, "demo/id_ed25519");
  expect(lstatSync(key).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${key}.pub`, "utf8")).toMatch(/^ssh-ed25519 \S+ demo\n$/);
  const ran = await folder.run(["run", "--workspace=demo", "hello", "greet"]);
  expect(ran.stdout).toContain("Hello from hello in demo\n");
  expect(ran.exitCode).toBe(0);
  await removeImageOf(join(folder.path, "demo"));
  const checked = await folder.run(["validate", "--strict", "--workspace=demo"]);
  expect({ stderr: checked.stderr, exitCode: checked.exitCode }).toEqual({ stderr: "", exitCode: 0 });
});

test("without a key and a Dockerfile there is none, and the image is the one that was named", async () => {
  using folder = makeFolder({});
  await folder.run(["init", "--yes", "--no-ssh-key", "--no-dockerfile", `--image=${busybox}`]);
  expect(folder.glob("{id_*,Dockerfile*}")).toEqual([]);
  expect(folder.read("workspace.poly")).toContain(`image: ${busybox}\n`);
  expect((await folder.run(["run", "hello", "greet"])).exitCode).toBe(0);
});

test("`block new` writes a block that runs, and one that inherits", async () => {
  using folder = makeFolder({});
  await folder.run(["init", "--yes", "--no-ssh-key", "--no-dockerfile", `--image=${busybox}`]);
  expect(await folder.run(["block", "new", "infra/db"])).toEqual({
    stdout: "created blocks/infra/db/block.poly\n",
    stderr: "",
    exitCode: 0,
  });
  expect(folder.read("blocks/infra/db/block.poly")).toStartWith(
    "# yaml-language-server: $schema=../../../.schema/block.json\nname: infra/db\n",
  );
  await folder.run(["block", "new", "my-app", "--from", "infra/db"]);
  const { stdout } = await folder.run(["run", "my-app", "greet"]);
  expect(stdout).toContain("Hello from my-app in");
});

async function removeImageOf(workspace: string) {
  const filter = `--filter=label=polycrate.workspace=${workspace}`;
  const { stdout } = await call(["docker", "image", "ls", "--quiet", filter]);
  for (const id of new Set(stdout.split("\n").filter((line) => line !== ""))) {
    await call(["docker", "image", "rm", "--force", id]);
  }
}
