import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { containersOf } from "../support/docker.ts";
import { busybox, call, executable, makeFolder, workspaceWith } from "../support/harness.ts";
import { makeOrdinaryFolder, ordinary, polycrate } from "../support/ordinaryUser.ts";

const debian = "polycrate-test:debian";

/** The same workspace as `workspaceWith` makes, in another image. */
function inDebian(workspace: string): string {
  return workspace.replace(busybox, debian);
}

const writing = `
- name: write
  script:
    - whoami; id -u; id -g; echo ~; echo "$HOME $USER"
    - stat -c '%a %u' ~ ~/.ssh
    - touch here ~/file; echo 'echo runs' >~/program; chmod +x ~/program
    - mkdir -p deep/er "$POLYCRATE_BLOCK_ARTIFACTS/of/block"; touch deep/er/file "$POLYCRATE_BLOCK_ARTIFACTS/of/block/file"`;

const asTester = "tester\n54321\n54321\n/home/tester\n/home/tester tester\n700 54321\n700 54321\n";

test.each([
  ["Debian", inDebian],
  ["busybox", (workspace: string) => workspace],
])("user: host writes as the caller in %s, who has a name and a home there", async (_, inImage) => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": inImage(workspaceWith(writing, "user: host")),
  });
  const { stdout, stderr, exitCode } = await folder.as(polycrate("run", "b", "write"));
  expect(stderr).toMatch(
    /^b write succeeded in [\d.]+ s\n {2}new: artifacts\/blocks\/b\/of\/block\/file \(0 B\)\n$/,
  );
  expect(stdout).toBe(asTester);
  expect(exitCode).toBe(0);
  expect(await folder.foreign()).toEqual([]);
});

test("--user in docker_flags has the same effect, in a dry run too", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": workspaceWith(writing, 'docker_flags: ["--user $(id -u):$(id -g)"]'),
  });
  expect((await folder.as(polycrate("run", "b", "write"))).stdout).toBe(asTester);
  const dry = await folder.as(polycrate("run", "b", "write", "--dry-run"));
  expect(dry.stdout).toContain('  --user \\\n  "$(id -u)":"$(id -g)" \\\n');
  expect((await folder.as(["sh"], { input: dry.stdout })).stdout).toBe(asTester);
  expect(await folder.foreign()).toEqual([]);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
});

test("a playbook runs as the caller", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": inDebian(workspaceWith("- {name: play, playbook: play.yml}", "user: host")),
    "play.yml": `
- hosts: localhost
  tasks:
    - ansible.builtin.copy: {content: x, dest: /workspace/deep/file, mode: "0644"}
    - ansible.builtin.assert: {that: ansible_facts.user_id == "tester" and ansible_facts.user_dir == "/home/tester"}
`,
  });
  folder.write("deep/.keep", "");
  await folder.own();
  const { stdout, exitCode } = await folder.as(polycrate("run", "b", "play"));
  expect(stdout).toContain("failed=0");
  expect(exitCode).toBe(0);
  expect(await folder.foreign()).toEqual([]);
}, 20_000);

test("the caller's groups count: a folder that only a shared group can write stays writable", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": workspaceWith("- {name: share, script: 'touch shared/file; id -Gn'}", "user: host"),
  });
  const shared = join(folder.path, "shared");
  mkdirSync(shared);
  chownSync(shared, 0, ordinary.group);
  chmodSync(shared, 0o770);
  const { stdout, exitCode } = await folder.as(polycrate("run", "b", "share"));
  expect(stdout).toContain(`group${ordinary.group}`);
  expect(exitCode).toBe(0);
  expect(folder.glob("shared/*")).toEqual(["shared/file"]);
});

test("the image is asked for its users once, and before a run there is one docker call", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": workspaceWith("- {name: show, script: 'echo \"called show\" >>calls'}", "user: host"),
    "bin/docker":
      '#!/bin/sh\necho "start $1 $2" >>"$CALLS"\n"$DOCKER" "$@"\ncode=$?\necho "end $1 $2" >>"$CALLS"\nexit $code\n',
  });
  chmodSync(join(folder.path, "bin/docker"), 0o755);
  const calls = join(folder.path, "calls");
  const env = {
    PATH: `${folder.path}/bin:${process.env.PATH}`,
    CALLS: calls,
    DOCKER: Bun.which("docker") ?? "",
  };
  const before = async () => {
    folder.write("calls", "");
    await folder.own();
    expect((await folder.as(polycrate("run", "b", "show"), { env })).exitCode).toBe(0);
    const lines = folder.read("calls").split("\n");
    // What is asked beside the run may start before it, but nothing waits for it. What the engine is, is asked once for all runs.
    const ended = lines
      .slice(0, lines.lastIndexOf("start run --rm"))
      .filter((line) => line.startsWith("end ") && !line.startsWith("end version"));
    return ended.map((line) => line.slice("end ".length));
  };
  expect(await before()).toEqual(["image inspect", "run --rm"]);
  expect(await before()).toEqual(["image inspect"]);
});

test("a number is that user, with a home of its own; without a choice the action is root", async () => {
  const show = "- {name: show, script: 'whoami; id -u; id -g; echo $HOME; touch ~/x'}";
  using folder = await makeOrdinaryFolder({ "workspace.poly": workspaceWith(show, "user: 1234:2345") });
  const carefully = ["sh", "-c", 'umask 077; exec "$@"', "sh", ...polycrate("run", "b", "show")];
  expect((await folder.as(carefully)).stdout).toBe("user\n1234\n2345\n/home/user\n");
  folder.write("workspace.poly", workspaceWith(show));
  await folder.own();
  expect((await folder.as(polycrate("run", "b", "show"))).stdout).toBe("root\n0\n0\n/root\n");
});

test("an image that is not here is refused as without a user, and leaves nothing", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": workspaceWith("- {name: show, script: echo hi}", "user: host"),
  });
  const words = polycrate("run", "b", "show", "--image", "127.0.0.1:1/polycrate/none:1", "--pull=never");
  const { stderr, exitCode } = await folder.as(words);
  expect(stderr).toContain(
    "error: b show: image `127.0.0.1:1/polycrate/none:1` was not found locally and could not be pulled\n",
  );
  expect(exitCode).toBe(125);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
  expect(await containersOf(folder)).toEqual([]);
});

test("on an engine that runs as the caller, user: host is the container's root", async () => {
  using folder = await makeOrdinaryFolder({
    "workspace.poly": workspaceWith("- {name: show, script: echo hi}", "user: host"),
  });
  const socket = join(folder.path, "docker.sock");
  using _engine = Bun.listen({ unix: socket, socket: { data: () => {} } });
  await call(["chown", String(ordinary.uid), socket]);
  const env = { DOCKER_HOST: `unix://${socket}` };
  const { stdout } = await folder.as(polycrate("run", "b", "show", "--dry-run"), { env });
  expect(stdout).toContain("  --user=0:0 \\\n");
  expect(stdout).toContain("  --env=HOME=/root \\\n");
  expect(stdout).not.toContain("/etc/passwd");
});

test.each([
  ["prints without end", 'exec yes "passwd:x:x:0:0:::"', undefined, 125],
  ["never ends", "trap '' TERM INT; echo here >&2; while :; do sleep 1; done", "SIGTERM", 143],
] as const)(
  "an image whose shell %s when it is asked for its users leaves no container",
  async (_, shell, signal, code) => {
    const image = `polycrate-test-shell:${code}`;
    using folder = makeFolder({
      "workspace.poly": workspaceWith(
        "- {name: show, script: echo hi}",
        'user: "1234:1234"\nshell: /bin/odd',
      ).replace(busybox, image),
      "image/odd": `#!/bin/busybox sh\n${shell}\n`,
      "image/Dockerfile": `FROM ${busybox}\nCOPY odd /bin/odd\n`,
    });
    chmodSync(join(folder.path, "image/odd"), 0o755);
    await call(["docker", "build", "--quiet", `--tag=${image}`, join(folder.path, "image")]);
    try {
      const run = Bun.spawn([executable, "run", "b", "show"], {
        cwd: folder.path,
        env: { ...process.env, CI: undefined },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let output = "";
      for await (const part of run.stderr) {
        output += new TextDecoder().decode(part);
        if (signal !== undefined && output.startsWith("here\n")) run.kill(signal);
      }
      expect(await run.exited).toBe(code);
      if (signal === undefined) expect(output).toContain("`/bin/odd` printed too much output");
      const { stdout } = await call(["docker", "ps", "--all", "--quiet", `--filter=ancestor=${image}`]);
      expect(stdout).toBe("");
      expect(folder.glob(".polycrate/run/**")).toEqual([]);
    } finally {
      await call(["docker", "image", "rm", "--force", image]);
    }
  },
  30_000,
);
