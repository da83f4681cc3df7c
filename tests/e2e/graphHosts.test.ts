import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, makeFolder } from "../support/harness.ts";

const debian = "polycrate-test:debian";

/** Four hosts with Debian's sshd for the holder of the key; of the last, the server has ended. */
let hosts: readonly { readonly container: string; readonly address: string }[] = [];
let keys = "";

const startServer = `
mkdir -p /run/sshd /root/.ssh
echo "$KEY" >/root/.ssh/authorized_keys
exec /usr/sbin/sshd -D -e`;

async function docker(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await call(["docker", ...words]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.trim();
}

async function startHost(publicKey: string) {
  const container = await docker(
    ...["run", "--detach", "--rm", "--init", `--env=KEY=${publicKey}`, debian, "bash", "-c", startServer],
  );
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  const address = await docker("inspect", `--format=${format}`, container);
  const logs = Bun.spawn(["docker", "logs", "--follow", container], { stdout: "ignore", stderr: "pipe" });
  let seen = "";
  for await (const chunk of logs.stderr) {
    seen += new TextDecoder().decode(chunk);
    if (seen.includes("Server listening on 0.0.0.0")) break;
  }
  logs.kill();
  return { container, address };
}

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), "polycrate-test-"));
  await call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test key", "-f", join(keys, "key")]);
  const publicKey = readFileSync(join(keys, "key.pub"), "utf8");
  hosts = await Promise.all([1, 2, 3, 4].map(() => startHost(publicKey)));
  await docker("exec", hosts[3]?.container ?? "", "pkill", "-x", "sshd").catch(() => "");
}, 30_000);

afterAll(async () => {
  await call(["docker", "rm", "--force", ...hosts.map(({ container }) => container)]);
  rmSync(keys, { recursive: true });
});

test("the same playbook on four hosts at once: one is unreachable, its record says so, the others succeed", async () => {
  const lines = hosts.map(
    ({ address }, index) =>
      `site${index + 1}: {hosts: {host${index + 1}: {ansible_host: "${address}", ansible_user: root}}}`,
  );
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "${debian}"}}
blocks:
  - {name: web, actions: [{name: install, playbook: play.yml}]}
workflows:
  - name: rollout
    steps:
      - {name: install, block: web, action: install, matrix: {site: [site1, site2, site3, site4]}}
`,
    "inventory.yml": `all:\n  children:\n${lines.map((line) => `    ${line}\n`).join("")}`,
    "play.yml": `
- hosts: "{{ step.matrix.site }}"
  gather_facts: false
  tasks:
    - ansible.builtin.raw: echo "$SSH_CONNECTION" >/root/installed
`,
    id_rsa: readFileSync(join(keys, "key"), "utf8"),
  });
  await call(["chmod", "600", join(folder.path, "id_rsa")]);
  const { stderr, exitCode } = await folder.run(["run", "rollout", "--jobs=4"]);
  const ends = folder.records().map(({ matrix, status, hosts: recaps }) => {
    const [recap] = [recaps].flat();
    return [
      Object(matrix).site,
      status,
      Object(recap).host,
      Object(recap).changed,
      Object(recap).unreachable,
    ];
  });
  expect(ends.sort()).toEqual([
    ["site1", "succeeded", "host1", 1, 0],
    ["site2", "succeeded", "host2", 1, 0],
    ["site3", "succeeded", "host3", 1, 0],
    ["site4", "failed", "host4", 0, 1],
  ]);
  const failed = folder.records().find(({ status }) => status === "failed");
  expect<unknown>(exitCode).toBe(failed?.exit_code);
  expect(exitCode).toBe(4);
  expect(stderr).toEndWith("first failure: install (site=site4) failed with exit code 4\n");
  expect(folder.read("known_hosts").trim().split("\n")).toHaveLength(3);
}, 60_000);
