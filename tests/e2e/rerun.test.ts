import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busybox, call, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

const debian = "polycrate-test:debian";
const tools = `polycrate-test-rerun:${process.pid}`;

/** Two servers with Debian's sshd, for the holder of the key. */
const names = ["one", "two"] as const;
const containerOf = (name: string) => `polycrate-test-rerun-${process.pid}-${name}`;
let folder: Folder;

async function docker(words: readonly string[], input = ""): Promise<string> {
  const { stdout, stderr, exitCode } = await call(["docker", ...words], {
    input,
    env: { DOCKER_BUILDKIT: "0" },
  });
  expect({ stderr: exitCode === 0 ? "" : stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.trim();
}

async function startServer(name: string, publicKey: string): Promise<string> {
  const container = containerOf(name);
  const script =
    'mkdir -p /run/sshd /root/.ssh; echo "$KEY" >/root/.ssh/authorized_keys; exec /usr/sbin/sshd -D -e';
  const run = ["run", "--detach", "--rm", `--name=${container}`, `--env=KEY=${publicKey}`];
  await docker([...run, debian, "bash", "-c", script]);
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return docker(["inspect", `--format=${format}`, container]);
}

const playbook = `- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command: test ! -e /tmp/broken
    - ansible.builtin.debug: {msg: "{{ block.config.replicas }}"}
`;

beforeAll(async () => {
  const keys = mkdtempSync(join(tmpdir(), "polycrate-test-"));
  await call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(keys, "key")]);
  const publicKey = readFileSync(join(keys, "key.pub"), "utf8");
  const addresses = await Promise.all(names.map((name) => startServer(name, publicKey)));
  const hosts = names.map((name, index) => `{${name}: {ansible_host: ${addresses[index]}}}`);
  await docker(["tag", debian, tools]);
  folder = makeFolder({
    "workspace.poly": `name: test-workspace
config:
  container: {image: "${tools}"}
blocks:
  - name: web
    config: {replicas: 3}
    actions:
      - {name: deploy, playbook: deploy.yml}
`,
    "deploy.yml": playbook,
    "inventory.yml": `all:
  vars: {ansible_user: root}
  hosts:
${hosts.map((host) => `    ${host.slice(1, -1)}`).join("\n")}
`,
    id_rsa: readFileSync(join(keys, "key"), "utf8"),
  });
  chmodSync(join(folder.path, "id_rsa"), 0o600);
  rmSync(keys, { recursive: true });
}, 60_000);

afterAll(async () => {
  for (const name of names) await call(["docker", "rm", "--force", containerOf(name)]);
  await call(["docker", "image", "rm", "--force", tools]);
  folder[Symbol.dispose]();
});

const states = (hosts: unknown) =>
  (Array.isArray(hosts) ? hosts : []).map(({ host, ok, failed, unreachable }) => [
    host,
    ok,
    failed,
    unreachable,
  ]);

test("the failed host of a playbook is named by `history diff`, and repeated alone by `rerun`", async () => {
  expect(await folder.run(["run", "web", "deploy"])).toMatchObject({ exitCode: 0 });

  await docker(["exec", containerOf("two"), "touch", "/tmp/broken"]);
  folder.write("workspace.poly", folder.read("workspace.poly").replace("replicas: 3", "replicas: 5"));
  await docker(["build", `--tag=${tools}`, "-"], `FROM ${debian}\nLABEL changed=yes\n`);
  expect(await folder.run(["run", "web", "deploy"])).toMatchObject({ exitCode: 2 });
  const [one = {}, two = {}] = folder.records();
  expect(states(two.hosts)).toEqual([
    ["one", 2, 0, 0],
    ["two", 0, 1, 0],
  ]);

  const diff = await folder.run(["history", "diff", String(one.id), String(two.id), "--output=json"]);
  expect(diff.exitCode).toBe(1);
  const { differences } = JSON.parse(diff.stdout);
  expect(differences.map(({ key }: { key: string }) => key)).toEqual([
    ...["status", "exit_code", "image_id", "hosts.two", "block.config.replicas"],
  ]);
  expect(differences.at(-1)).toMatchObject({ before: 3, after: 5, file: "workspace.poly", line: 6 });

  await docker(["exec", containerOf("two"), "rm", "/tmp/broken"]);
  const again = await folder.run(["rerun", String(two.id), "--failed-hosts", "--image-as-then", "--yes"]);
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.stderr).toStartWith(`polycrate run web deploy -- --limit=two (in ${two.image_id})\n`);
  expect(folder.records()[2]).toMatchObject({ arguments: ["--limit=two"], image_id: two.image_id });
  expect(states(folder.records()[2]?.hosts)).toEqual([["two", 2, 0, 0]]);

  const then = await folder.run(["rerun", String(one.id), "--image-as-then", "--yes", "--output=json"]);
  expect(JSON.parse(then.stdout)).toMatchObject([{ status: "succeeded", image_id: one.image_id }]);
}, 120_000);

test("a run is repeated with the files of today and its arguments, after a question", async () => {
  using simple = makeFolder({
    "workspace.poly": workspaceWith("- {name: say, script: ['echo \"$@\"'], prompt: {message: Really?}}"),
  });
  await simple.run(["run", "b", "say", "--yes", "--", "a b", "--c"]);
  const [{ id } = { id: "" }] = simple.records();
  const words = ["rerun", String(id)];
  expect(await simple.run(words)).toMatchObject({
    stderr: expect.stringContaining("polycrate run b say -- 'a b' --c"),
    exitCode: 64,
  });
  simple.write("workspace.poly", simple.read("workspace.poly").replace('"$@"', 'new "$@"'));
  expect((await simple.run([...words, "--dry-run"])).stdout).toContain("'a b' \\\n");
  expect(await simple.run([...words, "--yes"])).toMatchObject({ stdout: "new a b --c\n", exitCode: 0 });
  expect(simple.records()[1]).toMatchObject({ arguments: ["a b", "--c"], image: busybox });
  expect(await simple.run([...words, "--failed-hosts", "--yes"])).toMatchObject({ exitCode: 64 });

  const [file = ""] = simple.glob(".logs/[0-9]*/**/*.yml");
  simple.write(file, simple.read(file).replace(/image_id: .*/, `image_id: "sha256:${"0".repeat(64)}"`));
  expect(await simple.run([...words, "--image-as-then", "--yes"])).toMatchObject({
    stdout: "",
    exitCode: 125,
  });
  expect(simple.records()).toHaveLength(2);
});

test("a step of a workflow is repeated as that step", async () => {
  using simple = makeFolder({
    "workspace.poly": `${workspaceWith("- {name: say, script: [echo hello]}")}workflows: [{name: w, steps: [{name: s, block: b, action: say}]}]\n`,
  });
  await simple.run(["run", "w"]);
  const [first = {}] = simple.records();
  expect((await simple.run(["rerun", String(first.id), "--yes"])).stdout).toBe("hello\n");
  const [, second = {}] = simple.records();
  expect(second).toMatchObject({ workflow: "w", step: "s", snapshot_sha256: expect.any(String) });
  expect(second.workflow_run).not.toBe(first.workflow_run);
});
