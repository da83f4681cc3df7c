import { expect, test } from "bun:test";
import type { ContainerRequest } from "../../../src/engine/engine.ts";
import { argValue, toShell } from "../../../src/host/arg.ts";
import { limitsOf } from "../../../src/workspace/limits.ts";
import { docker } from "../../support/engines.ts";

const nothing: ContainerRequest = {
  name: "polycrate-x",
  labels: [],
  ownerLabel: "polycrate.owner=host/1/2",
  environment: [],
  mounts: [],
  volumes: [],
  hiddenFolders: [],
  tmpfs: [],
  workdir: "/workspace",
  entrypoint: "/bin/bash",
  selinux: false,
  interactive: false,
  terminal: false,
  pull: undefined,
  user: undefined,
  groups: [],
  limits: limitsOf({}),
  flags: [],
  image: "busybox",
  command: [],
};

const everything: ContainerRequest = {
  ...nothing,
  labels: ["polycrate.block=b", "polycrate.action=two words"],
  environment: [
    { name: "A", value: "1 & 2" },
    { name: "EMPTY", value: "" },
    { name: "POLYCRATE_ENV_TOKEN", value: undefined },
  ],
  mounts: [
    { source: "/host", target: "/workspace", readonly: false },
    { source: '/a,b "c"', target: "/x:y", readonly: true },
  ],
  hiddenFolders: ["/workspace/.polycrate", "/workspace/a,b"],
  tmpfs: [{ path: "/home/anna", uid: 7, gid: 8 }],
  selinux: true,
  interactive: true,
  terminal: true,
  pull: "never",
  user: "7:8",
  groups: [9, 10],
  limits: limitsOf({
    network: "none",
    memory: { written: "64m", bytes: 64 * 1024 ** 2 },
    cpus: 0.5,
    pids: 64,
    capabilities: ["CHOWN"],
  }),
  flags: ["--network=host", { value: "--user=7", written: '--user="$(id -u)"' }],
  command: ["-c", "script", "an argument"],
};

test("a container is run with nothing but what every container has", () => {
  expect(docker.run(nothing).map(argValue)).toEqual([
    "docker",
    "run",
    "--rm",
    "--init",
    "--log-driver=none",
    "--name=polycrate-x",
    "--label=polycrate.owner=host/1/2",
    "--workdir=/workspace",
    "--entrypoint=/bin/bash",
    "busybox",
  ]);
});

test("a container is run with everything, the workspace's flags last, then image and command", () => {
  expect(docker.run(everything).map(argValue)).toEqual([
    "docker",
    "run",
    "--rm",
    "--init",
    "--log-driver=none",
    "--name=polycrate-x",
    "--label=polycrate.block=b",
    "--label=polycrate.action=two words",
    "--label=polycrate.owner=host/1/2",
    "--env=A=1 & 2",
    "--env=EMPTY=",
    "--env=POLYCRATE_ENV_TOKEN",
    "--mount=type=bind,source=/host,target=/workspace",
    '--mount=type=bind,"source=/a,b ""c""",target=/x:y,readonly',
    "--mount=type=tmpfs,target=/workspace/.polycrate,readonly",
    '--mount=type=tmpfs,"target=/workspace/a,b",readonly',
    "--tmpfs=/home/anna:uid=7,gid=8,mode=0700,exec",
    "--workdir=/workspace",
    "--entrypoint=/bin/bash",
    "--security-opt=label=disable",
    "--interactive",
    "--tty",
    "--detach-keys=ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@",
    "--pull=never",
    "--user=7:8",
    "--group-add=9",
    "--group-add=10",
    "--network=none",
    "--memory=64m",
    "--memory-swap=64m",
    "--cpus=0.5",
    "--pids-limit=64",
    "--cap-drop=ALL",
    "--cap-add=CHOWN",
    "--network=host",
    "--user=7",
    "busybox",
    "-c",
    "script",
    "an argument",
  ]);
});

test("the label of the owner is for the process alone: it is not printed", () => {
  expect(toShell(docker.run(nothing)).join(" ")).toBe(
    "docker run --rm --init --log-driver=none --name=polycrate-x --workdir=/workspace --entrypoint=/bin/bash busybox",
  );
});

test("what a shell computes is printed as it is written", () => {
  expect(toShell(docker.run(everything))).toContain('--user="$(id -u)"');
});

test.each([
  ["a comma", "/a,b", '"source=/a,b"'],
  ["a quote", '/a"b', '"source=/a""b"'],
  ["a line feed", "/a\nb", '"source=/a\nb"'],
  ["a carriage return", "/a\rb", '"source=/a\rb"'],
  ["a space and a colon", "/a b:c", "source=/a b:c"],
])("a source with %s is one field of `--mount`", (_, source, field) => {
  const request = { ...nothing, mounts: [{ source, target: "/t", readonly: false }] };
  expect(docker.run(request)).toContain(`--mount=type=bind,${field},target=/t`);
});

test("an image is built with nothing and with everything", () => {
  const build = { tags: ["t"], labels: [], noCache: false, pull: false, file: "Dockerfile", context: "-" };
  expect(docker.build(build)).toEqual([
    ...["docker", "build", "--tag=t", "--force-rm", "--file=Dockerfile", "-"],
  ]);
  const all = { tags: ["t", "u"], labels: ["a=b"], arguments: ["X=1"], noCache: true, pull: true };
  expect(docker.build({ ...all, file: "x/D", context: "." })).toEqual([
    ...["docker", "build", "--tag=t", "--tag=u", "--build-arg=X=1", "--label=a=b", "--force-rm"],
    ...["--no-cache", "--pull", "--file=x/D", "."],
  ]);
});

test("an image is read without a network, and leaves no log and no container", () => {
  const identity = { name: "n", labels: ["a=b"], ownerLabel: "owner=me" };
  const request = { ...identity, image: "i", shell: "/bin/sh", script: "echo $1", pull: undefined };
  expect(docker.readImage(request)).toEqual([
    ...["docker", "run", "--rm", "--log-driver=none", "--network=none"],
    ...["--name=n", "--label=a=b", { value: "--label=owner=me", written: "" }, "--entrypoint=/bin/sh"],
    ...["i", "-c", "echo $1"],
  ]);
  expect(docker.readImage({ ...request, pull: "always" }).slice(9, 11)).toEqual(["--pull=always", "i"]);
});

test.each([
  [docker.tagImage("a", "b"), "docker image tag a b"],
  [docker.inspectImage("{{.Id}}", ["a", "b"]), "docker image inspect --format={{.Id}} a b"],
  [docker.listImages("x=y"), "docker image ls --quiet --no-trunc --filter=label=x=y"],
  [docker.removeImages(["a", "b"]), "docker image rm a b"],
  [docker.listContainers("x"), "docker ps --all --quiet --no-trunc --filter=label=x"],
  [docker.inspectContainer("a", "b"), "docker container inspect a b"],
  [docker.listVolumes(["x", "y"]), "docker volume ls --quiet --filter=label=x --filter=label=y"],
  [docker.inspectVolumes(undefined, ["a"]), "docker volume inspect a"],
  [docker.inspectContainer("a"), "docker container inspect a"],
  [docker.stopContainer("a", 7), "docker stop --time=7 a"],
  [docker.removeContainer("a"), "docker rm --force a"],
  [docker.about.client, "docker --version"],
  [docker.about.version, "docker version --format={{json .}}"],
  [docker.about.info, "docker info --format={{json .}}"],
  [docker.about.context, "docker context inspect --format={{json .}}"],
  [docker.about.buildx, "docker buildx version"],
])("%j", (args, expected) => {
  expect(args.map(argValue).join(" ")).toBe(expected);
});

test("its program is the one that all of its commands start", () => {
  expect(docker.program).toBe("docker");
});
