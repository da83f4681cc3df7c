import { expect, test } from "bun:test";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { workspaceProblems } from "../../../../src/cli/commands/validate.ts";
import { loadWorkspaceLenient } from "../../../../src/workspace/load.ts";
import { problemLocation } from "../../../../src/workspace/poly/problems.ts";
import { call, type Folder, indent, makeFolder } from "../../../support/harness.ts";

type Files = Readonly<Record<string, string>>;

/** `place code` of each problem of the workspace. */
async function codesOf(folder: Folder): Promise<readonly string[]> {
  const problems = await workspaceProblems(loadWorkspaceLenient({ named: folder.path }));
  return problems.map((problem) => `${problemLocation(problem)} ${problem.code}`);
}

async function codesIn(files: Files): Promise<readonly string[]> {
  using folder = makeFolder({ "workspace.poly": "name: test-workspace\n", ...files });
  return codesOf(folder);
}

const container = (text: string) => `name: test-workspace\nconfig:\n  container:\n${indent(text, 4)}\n`;

const dockerfile = (...lines: readonly string[]) => codesIn({ "Dockerfile.poly": `${lines.join("\n")}\n` });

test.each<[string, readonly string[]]>([
  ["debian", ["workspace.poly:4:12 image-tag"]],
  ["registry.example.com:5000/team/debian", ["workspace.poly:4:12 image-tag"]],
  ["debian:latest", ["workspace.poly:4:12 image-tag"]],
  ["debian:12", []],
  ["registry.example.com:5000/team/debian:12", []],
  [`debian@sha256:${"0".repeat(64)}`, []],
])("the image %s gives %p", async (image, codes) => {
  expect(await codesIn({ "workspace.poly": container(`image: ${image}`) })).toEqual([...codes]);
});

test.each<[string, readonly string[]]>([
  ["image: debian", ["workspace.poly:3:10 image-tag"]],
  ["image: {reference: debian}", ["workspace.poly:3:22 image-tag"]],
  ["image: {reference: debian, version: latest}", ["workspace.poly:3:39 image-tag"]],
  ["image: {reference: debian, version: '12'}", []],
])("the older `config.%s` gives %p", async (text, codes) => {
  expect(await codesIn({ "workspace.poly": `name: test-workspace\nconfig:\n  ${text}\n` })).toEqual([
    ...codes,
  ]);
});

test("`FROM` wants a tag, unless it is a stage, `scratch` or a variable without a default", async () => {
  expect(
    await dockerfile(
      "ARG VERSION",
      "ARG RELEASE=latest",
      "FROM golang AS build",
      "FROM build",
      "FROM scratch",
      "FROM debian:$VERSION",
      "FROM debian:${RELEASE}",
      "FROM alpine:latest",
      "FROM alpine:3.20",
    ),
  ).toEqual([
    "Dockerfile.poly:3:6 image-tag",
    "Dockerfile.poly:7:6 image-tag",
    "Dockerfile.poly:8:6 image-tag",
  ]);
});

test("`RUN`s in a row are told once, and those that something stands between are not", async () => {
  expect(
    await dockerfile(
      "FROM a:1",
      "RUN one",
      "RUN two \\",
      "  && more",
      "# a comment",
      "RUN three",
      "COPY x /x",
      "RUN four",
      "FROM b:1",
      "RUN five",
      "RUN --mount=type=cache,target=/x six",
    ),
  ).toEqual(["Dockerfile.poly:3:1 several-runs"]);
});

test.each<[string, readonly string[]]>([
  ["apt-get update && apt-get install -y curl", ["package-cache"]],
  ["apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*", []],
  ["apk add curl", ["package-cache"]],
  ["apk add --no-cache curl", []],
  ["apk update && apk add curl && rm -rf /var/cache/apk/*", []],
  ["dnf install -y curl", ["package-cache"]],
  ["dnf -y install curl && dnf clean all", []],
  ["pip install ansible", ["package-cache"]],
  ["pip3 install --no-cache-dir ansible", []],
  ["PIP_NO_CACHE_DIR=1 pip install ansible", []],
  ["--mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y curl", []],
  ["echo apt-get is not here", []],
])("`RUN %s` gives %p", async (command, codes) => {
  const found = await dockerfile("FROM a:1", `RUN ${command}`);
  expect(found.map((line) => line.split(" ")[1])).toEqual([...codes]);
});

test("an `ENV` that turns pip's cache off counts", async () => {
  expect(await dockerfile("FROM a:1", "ENV PIP_NO_CACHE_DIR=1", "RUN pip install ansible")).toEqual([]);
});

test("a cache that a later `RUN` removes is still in the layer", async () => {
  expect(
    await dockerfile(
      "FROM a:1",
      "RUN apt-get update \\",
      "  && apt-get install -y curl",
      "COPY a /",
      "RUN rm -rf /var/lib/apt/lists/*",
    ),
  ).toEqual(["Dockerfile.poly:2:5 package-cache"]);
});

test("what makes an action root on the host is told", async () => {
  const flags =
    'docker_socket: true\ndocker_flags:\n  - "--network=none --privileged"\n  - "-v /var/run/docker.sock:/var/run/docker.sock"\n  - --privileged=false';
  expect(
    await codesIn({
      "workspace.poly": `${container(flags)}extramounts: ["/run/docker.sock:/var/run/docker.sock"]\n`,
    }),
  ).toEqual([
    "workspace.poly:4:20 privileged",
    "workspace.poly:6:9 privileged",
    "workspace.poly:7:9 privileged",
    "workspace.poly:9:15 privileged",
  ]);
});

test.each<[string, boolean]>([
  ["API_KEY: abc", true],
  ["DB_PASSWORD: abc", true],
  ["GITHUB_TOKEN: abc", true],
  ["AWS_SECRET_ACCESS_KEY: abc", true],
  ["clientSecret: abc", true],
  ["API_KEY: {from_env: API_KEY}", false],
  ["API_KEY: {from_file: key.txt}", false],
  ['API_KEY: ""', false],
  ["USE_TOKEN: true", false],
  ["AWS_ACCESS_KEY_ID: abc", false],
  ["TOKEN_FILE: /run/token", false],
  ["MONKEY: abc", false],
  ["COMPASS: north", false],
])("`%s` is a plain secret: %p", async (variable, isSecret) => {
  const codes = await codesIn({ "workspace.poly": container(`env:\n  ${variable}`) });
  expect(codes).toEqual(isSecret ? ["workspace.poly:5:7 plain-secret"] : []);
});

test("an action that replaces its parent's is told, one that only adds to it is not", async () => {
  expect(
    await codesIn({
      "blocks/base/block.poly":
        "name: base\nactions:\n  - {name: one, script: a}\n  - {name: two, script: a}\n",
      "blocks/app/block.poly":
        "name: app\nfrom: base\nactions:\n  - {name: one, script: b}\n  - {name: two, description: c}\n",
    }),
  ).toEqual(["blocks/app/block.poly:4:12 shadowed-action"]);
});

test.each<[string, boolean]>([
  ["echo {{ .Block.Config.replicas }}", true],
  ["echo {{.Workspace.name}}", true],
  ["{{ if .debug }}set -x{{ end }}", true],
  ["docker ps --format '{{.Names}}'", false],
  ["kubectl get pods -o go-template='{{range .items}}{{.metadata.name}}{{end}}'", false],
  ["echo '{{ not a template'", false],
  ["echo ${HOME}", false],
])("the script `%s` is an older workspace's: %p", async (script, isTemplate) => {
  const actions = JSON.stringify([{ name: "greet", script: ["true", script] }]);
  const codes = await codesIn({ "blocks/app/block.poly": `name: app\nactions: ${actions}\n` });
  expect(codes.map((line) => line.split(" ")[1])).toEqual(isTemplate ? ["go-template"] : []);
});

test("a missing inventory and kubeconfig are reported until they exist", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    "blocks/hosts/block.poly": "name: hosts\n",
    "blocks/app/block.poly": "name: app\ninventory: {from: hosts}\nkubeconfig: {filename: k.yml}\n",
  });
  expect(await codesOf(folder)).toEqual([
    "blocks/app/block.poly:2:19 missing-inventory",
    "blocks/app/block.poly:3:24 missing-inventory",
  ]);
  folder.write("artifacts/blocks/hosts/inventory.yml", "");
  folder.write("artifacts/blocks/app/k.yml", "");
  expect(await codesOf(folder)).toEqual([]);
});

const key = "-----BEGIN OPENSSH PRIVATE KEY-----\n";

async function repository(files: Files): Promise<Folder> {
  const folder = makeFolder({ "workspace.poly": "name: test-workspace\n", ...files });
  await call(["git", "init", "--quiet"], { directory: folder.path });
  await call(["git", "add", "--force", "--all"], { directory: folder.path });
  return folder;
}

test("keys and kubeconfigs that git tracks are told, public and encrypted ones are not", async () => {
  using folder = await repository({
    ".gitignore": ".snapshot.yml\nid_rsa\n.logs/\n",
    id_rsa: key,
    "id_rsa.pub": "ssh-ed25519 AAAA",
    "keys/server.pem": key,
    "keys/ca.pem": "-----BEGIN CERTIFICATE-----\n",
    "keys/vault.key": "$ANSIBLE_VAULT;1.1;AES256\n",
    "artifacts/blocks/k8s/kubeconfig.yml": "apiVersion: v1\nclusters: []\nusers: []\n",
  });
  expect(await codesOf(folder)).toEqual([
    "artifacts/blocks/k8s/kubeconfig.yml tracked-secret",
    "id_rsa tracked-secret",
    "keys/server.pem tracked-secret",
  ]);
});

test("what git should ignore is told, and outside of a repository nothing is", async () => {
  using folder = await repository({ id_rsa: "not yet a key" });
  expect(await codesOf(folder)).toEqual([".gitignore missing-gitignore"]);
  folder.write(".gitignore", ".snapshot.yml\n.logs\nid_*\n");
  expect(await codesOf(folder)).toEqual([]);
  expect(await codesIn({ id_rsa: key })).toEqual([]);
});

test("a Dockerfile that git does not track is told", async () => {
  using folder = await repository({ ".gitignore": ".snapshot.yml\nid_rsa\n.logs/\n" });
  folder.write("Dockerfile.poly", "FROM debian:12\n");
  expect(await codesOf(folder)).toEqual(["Dockerfile.poly untracked-dockerfile"]);
});

test("no program that the repository's configuration names is run", async () => {
  using folder = await repository({ "evil.sh": "#!/bin/sh\ntouch ran\n" });
  chmodSync(join(folder.path, "evil.sh"), 0o755);
  const evil = join(folder.path, "evil.sh");
  for (const name of ["core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "filter.x.clean"]) {
    await call(["git", "config", name, evil], { directory: folder.path });
  }
  folder.write(".gitattributes", "* filter=x\n");
  await codesOf(folder);
  expect(existsSync(join(folder.path, "ran"))).toBe(false);
});

test.each([
  ["Dockerfile.poly", []],
  ["./Dockerfile.poly", []],
  ["Dockerfile", ["workspace.poly:2:54 missing-dockerfile"]],
])("`dockerfile: %s`, which does not exist, has the problems %j", async (name, codes) => {
  const workspace = `name: test\nconfig: {image: "debian:12", container: {dockerfile: ${name}}}\n`;
  expect(await codesIn({ "workspace.poly": workspace })).toEqual(codes);
});
