import { expect, test } from "bun:test";
import { lintDockerFlags, readWorkspaceFlags } from "../../../../src/engine/flags/checkFlags.ts";
import { loadWorkspace, loadWorkspaceLenient } from "../../../../src/workspace/load.ts";
import { messageOf } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

function withFlags(...flags: readonly string[]): string {
  return `name: test\nconfig:\n  container:\n    docker_flags: ${JSON.stringify(flags)}\n`;
}

function lint(text: string) {
  using folder = makeFolder({ "workspace.poly": text });
  return lintDockerFlags(loadWorkspaceLenient({ named: folder.path })).map(
    ({ severity, code, message, position }) => [severity, code, message, position?.column],
  );
}

test("what is right is read, and what is wrong is named with its place", () => {
  using folder = makeFolder({ "workspace.poly": withFlags("--user=$(id -u)", "-e A=$HOME") });
  const context = { uid: 7, gid: 8, home: "/h", directory: "/w", environment: { HOME: "/h" } };
  const read = readWorkspaceFlags(loadWorkspace({ named: folder.path }), context);
  expect(read.flags.map(({ name, value }) => [name, value])).toEqual([["user", "7"]]);
  expect(read.variables).toEqual([{ name: "A", value: "/h", written: '"${HOME?}"', index: 1 }]);
  folder.write("workspace.poly", withFlags("--rm=false"));
  expect(messageOf(() => readWorkspaceFlags(loadWorkspace({ named: folder.path }), context))).toBe(
    "65: workspace.poly:4:20: `config.container.docker_flags`: the flag `--rm=false` cannot be set",
  );
});

const root = "gives every action root access to the host";
const device = "gives every action access to a device of the host";

test.each([
  ["--privileged", root],
  ["--privileged=true", root],
  ["--use-api-socket", root],
  ["--device=/dev/kvm", device],
  ["--device-cgroup-rule=c", device],
  ["--cap-add=NET_ADMIN", "gives every action a capability that containers do not have by default"],
  ...[
    "seccomp=unconfined",
    "apparmor:unconfined",
    "systempaths=unconfined",
    "label=disable",
    "label:disable",
    "no-new-privileges=false",
  ].map((option) => [`--security-opt=${option}`, "disables a protection of the host"]),
  ["--network=host", "gives every action access to the host's network, including its loopback interface"],
  ["--net=host", "gives every action access to the host's network, including its loopback interface"],
  ["--pid=host", "gives every action access to the host's processes"],
  ["--ipc=host", "gives every action access to the host's shared memory"],
  ["--uts=host", "gives every action access to the host's hostname"],
  ["--userns=host", "gives every action access to the host's user ids"],
  ["--cgroupns=host", "gives every action access to the host's control groups"],
])("%s %s", (flag, given) => {
  expect(lint(withFlags("--init", flag))).toEqual([["warning", "privileged", `\`${flag}\` ${given}`, 29]]);
});

test.each([
  "--privileged=false",
  "--security-opt=seccomp=profile.json",
  "--security-opt=no-new-privileges=true",
  "--security-opt=xlabel=disable",
  "--network=none",
  "--hostname=host",
  "--volume=/srv/data:/data",
  "--volume=./data:/data",
  "--mount=type=tmpfs,target=/x",
  "--user=$(id -u):$(id -g)",
  "$FLAG",
])("%s gives nothing of the host", (flag) => {
  expect(lint(withFlags(flag))).toEqual([]);
});

test.each([
  ["-v /var/run/docker.sock:/x", "the docker socket gives every action root access to the host"],
  ["-v /etc:/x", "the mount of `/etc` gives every action access to that part of the host"],
  ["-v $HOME:/x", "the mount of `/home/user` gives every action access to that part of the host"],
])("the mount %s: %s", (flag, message) => {
  expect(lint(withFlags(flag))).toEqual([["warning", "privileged", message, 20]]);
});

test("flags and variables that are wrong are found wherever the lint runs", () => {
  expect(lint(withFlags("-d"))).toEqual([
    ["error", "wrong-docker-flag", "`config.container.docker_flags`: the flag `-d` cannot be set", 20],
  ]);
  expect(lint(withFlags("-e 1A=x"))).toEqual([
    ["error", "wrong-variable", "`1A` is not a valid variable name", 20],
  ]);
  expect(lint(withFlags("-e PASSWORD=secret")).map(([severity]) => severity)).toEqual(["warning"]);
  expect(lint(withFlags("-e PASSWORD=$SECRET", "-e TOKEN"))).toEqual([]);
});

test.each([
  "name: test\n",
  "name: test\nconfig: 7\n",
  "name: test\nconfig: {container: 7}\n",
  "name: test\nconfig: {container: {docker_flags: -d}}\n",
  "name: test\nconfig: {container: {docker_flags: [7]}}\n",
])("%j has no flags that could be wrong", (text) => {
  expect(lint(text)).toEqual([]);
});
