import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, indent, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, ordinary, polycrate } from "../support/ordinaryUser.ts";

const debian = "polycrate-test:debian";

/** A server that runs Debian's sshd, with a git repository, for the holder of the key. */
let server: { readonly address: string; readonly key: string; readonly container: string };
let keys: string | undefined;

const startServer = `
mkdir -p /run/sshd /root/.ssh
echo "$KEY" >/root/.ssh/authorized_keys
git init -q --bare /srv/repository.git
git clone -q /srv/repository.git /tmp/clone 2>/dev/null
cd /tmp/clone
git -c user.name=a -c user.email=a commit -q --allow-empty -m "the first commit"
git push -q
exec /usr/sbin/sshd -D -e`;

async function docker(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await call(["docker", ...words]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.trim();
}

/** Resolves when sshd says that it listens, for the given time. */
async function listens(container: string, times: number): Promise<void> {
  const logs = Bun.spawn(["docker", "logs", "--follow", container], { stdout: "ignore", stderr: "pipe" });
  let seen = "";
  for await (const chunk of logs.stderr) {
    seen += new TextDecoder().decode(chunk);
    if (seen.split("Server listening on 0.0.0.0").length > times) break;
  }
  logs.kill();
}

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), "polycrate-test-"));
  await call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test key", "-f", join(keys, "key")]);
  const key = readFileSync(join(keys, "key"), "utf8");
  const publicKey = readFileSync(join(keys, "key.pub"), "utf8");
  const container = await docker(
    "run",
    "--detach",
    "--rm",
    `--env=KEY=${publicKey}`,
    debian,
    "bash",
    "-c",
    startServer,
  );
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  server = { container, key, address: await docker("inspect", `--format=${format}`, container) };
  await listens(container, 1);
}, 20_000);

afterAll(async () => {
  await docker("rm", "--force", server.container);
  if (keys !== undefined) rmSync(keys, { recursive: true });
});

const actions = () => `
- name: ssh
  script: [ssh "root@${server.address}" echo hello]
- name: clone
  script: ['git clone "root@${server.address}:/srv/repository.git" clone', git -C clone log --format=%s]
- {name: play, playbook: play.yml}
- {name: keys, script: [ssh-add -l, 'ssh "root@${server.address}" echo hello']}`;

/** A workspace of an ordinary user with the key of the server in it. */
async function sshWorkspace(container: string, key: string | undefined = "id_rsa", config = "") {
  const workspace = workspaceWith(actions(), container).replace("polycrate-test:busybox", debian);
  const folder = await makeOrdinaryFolder({
    "workspace.poly":
      config === "" ? workspace : workspace.replace("config:\n", `config:\n${indent(config, 2)}\n`),
    "inventory.yml": `all: {hosts: {server: {ansible_host: "${server.address}", ansible_user: root}}}`,
    "play.yml": `
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command: echo hello from the server
`,
    ...(key === undefined ? {} : { [key]: server.key }),
  });
  if (key !== undefined) await call(["chmod", "600", join(folder.path, key)]);
  return folder;
}

test.each([
  [
    "the caller, with an ed25519 key of another name",
    "user: host",
    "keys/deploy",
    "sshprivatekey: keys/deploy",
  ],
  ["root, with the key of an ordinary user", "user: image", "id_rsa", ""],
])(
  "ssh, git and Ansible reach a server as %s, and remember it",
  async (_, container, key, config) => {
    using folder = await sshWorkspace(container, key, config);
    const first = await folder.as(polycrate("run", "b", "ssh"));
    expect(first.stdout).toBe("hello\n");
    expect(first.stderr).toContain("Warning: Permanently added");
    const second = await folder.as(polycrate("run", "b", "ssh"));
    expect(second.stdout).toBe("hello\n");
    expect(second.stderr).not.toContain("Warning");
    expect(folder.read("known_hosts")).toStartWith(`${server.address} ssh-ed25519 `);
    expect((await folder.as(polycrate("run", "b", "clone"))).stdout).toBe("the first commit\n");
    expect((await folder.as(polycrate("run", "b", "play"))).stdout).toMatch(/server +: ok=1 +changed=1/);
    if (container === "user: host") expect(await folder.foreign()).toEqual([]);
  },
  30_000,
);

test("the caller's agent is forwarded", async () => {
  using folder = await sshWorkspace("user: host\nssh_agent: true", undefined);
  const socket = join(folder.path, "agent");
  const script = `ssh-add -q - <"$KEY" && exec "$@"`;
  folder.write("key", server.key);
  await folder.own();
  await call(["chmod", "600", join(folder.path, "key")]);
  const words = ["ssh-agent", "-a", socket, "sh", "-c", script, "sh", ...polycrate("run", "b", "keys")];
  const { stdout } = await folder.as(words, { env: { KEY: join(folder.path, "key") } });
  expect(stdout).toMatch(/^256 SHA256:\S+ .*\(ED25519\)\nhello\n$/);
  expect(await folder.foreign()).toEqual([]);
});

test("without an agent there is nothing to forward", async () => {
  using folder = await sshWorkspace("ssh_agent: true", undefined);
  const { stderr, exitCode } = await folder.as(polycrate("run", "b", "keys"), {
    env: { SSH_AUTH_SOCK: undefined },
  });
  expect(stderr).toBe(
    'error: `config.container.ssh_agent` requires an ssh agent, but the variable `SSH_AUTH_SOCK` is not set\nhint: start one with `eval "$(ssh-agent)"` and `ssh-add`, or remove the setting; see `polycrate help ssh`\n',
  );
  expect(exitCode).toBe(65);
});

test("a key that others can read is refused when ssh would refuse it, and warned of otherwise", async () => {
  using folder = await sshWorkspace("user: host");
  const path = join(folder.path, "id_rsa");
  await call(["chmod", "644", path]);
  const refused = await folder.as(polycrate("run", "b", "ssh"));
  expect(refused.stderr).toBe(
    `error: the ssh key \`${path}\` is readable by others (mode 0644), so ssh refuses it\nhint: run \`chmod 600 ${path}\`\n`,
  );
  expect(refused.exitCode).toBe(65);
  expect(folder.records()).toEqual([]);
  folder.write("workspace.poly", folder.read("workspace.poly").replace("user: host", "user: image"));
  await folder.own();
  const { stdout, stderr } = await folder.as(polycrate("run", "b", "ssh"));
  expect(stderr).toStartWith(
    `warning: the ssh key \`${path}\` is readable by others (mode 0644)\nhint: run \`chmod 600 ${path}\`\n`,
  );
  expect(stdout).toBe("hello\n");
});

test("a key of somebody else is explained", async () => {
  using folder = await sshWorkspace("user: host");
  const path = join(folder.path, "id_rsa");
  await call(["chown", "0", path]);
  const { stderr, exitCode } = await folder.as(polycrate("run", "b", "ssh"));
  expect(stderr).toStartWith(
    `warning: the ssh key \`${path}\` belongs to another user (uid 0); the action (uid ${ordinary.uid}) cannot read it\nhint: run \`sudo chown ${ordinary.uid} ${path}\`, or run actions as root with \`user: image\`\n`,
  );
  expect(exitCode).toBe(255);
});

test("a server whose key has changed is refused", async () => {
  using folder = await sshWorkspace("user: host");
  expect((await folder.as(polycrate("run", "b", "ssh"))).exitCode).toBe(0);
  await docker(
    "exec",
    server.container,
    "sh",
    "-c",
    "rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; kill -HUP 1",
  );
  await listens(server.container, 2);
  for (const action of ["ssh", "clone", "play"]) {
    const { stdout, stderr, exitCode } = await folder.as(polycrate("run", "b", action));
    expect(stdout + stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
    expect(exitCode).not.toBe(0);
  }
}, 20_000);

test("a folder that the workspace mounts at ~/.ssh is left as it is", async () => {
  using folder = await sshWorkspace("user: image");
  folder.write("mine/config", "Host *\n  StrictHostKeyChecking yes\n");
  folder.write("workspace.poly", `${folder.read("workspace.poly")}extramounts: ["mine:/root/.ssh"]\n`);
  await folder.own();
  await folder.as(polycrate("run", "b", "ssh"));
  expect(folder.glob("mine/*")).toEqual(["mine/config"]);
});
