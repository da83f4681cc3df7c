import { expect, test } from "bun:test";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { accessRequestOf } from "../../../src/trust/hostAccess.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const requestIn = (folder: Folder, environment = {}) =>
  accessRequestOf(loadWorkspace({ named: folder.path }), environment);

/** What a workspace with this text asks for: as written, and the paths. */
function accessOf(text: string, files: Readonly<Record<string, string>> = {}, environment = {}) {
  using folder = makeFolder({ ...files, "workspace.poly": `name: test\n${text}\n` });
  return requestIn(folder, environment).access.map(({ written, path }) =>
    path === undefined ? written : `${written} → ${path}`.replaceAll(folder.path, "WORKSPACE"),
  );
}

test("a workspace that only uses its containers asks for nothing", () => {
  const text =
    "config: {container: {env: {A: b, T: {from_env: T}, F: {from_file: a}}, docker_flags: [--memory=1g, -v ./a:/a], network: none, caches: {a: /a}}}\nextramounts: [a:/a]";
  expect(accessOf(text, { a: "" })).toEqual([]);
  using folder = makeFolder({ "workspace.poly": "name: test\n" });
  expect(requestIn(folder).hash).toBe("");
});

test.each([
  ["config: {container: {docker_socket: true}}", ["config.container.docker_socket: true"]],
  ["config: {container: {ssh_agent: true}}", ["config.container.ssh_agent: true"]],
  ["config: {container: {network: host}}", ["config.container.network: host"]],
  ["config: {container: {network: other}}", ["config.container.network: other"]],
  ["config: {container: {capabilities: [CHOWN, NET_ADMIN]}}", ["config.container.capabilities: NET_ADMIN"]],
  ["config: {container: {context: far}}", ["context: far"]],
  [
    "config: {sshprivatekey: /etc/hostname}",
    [
      "config.sshprivatekey: /etc/hostname → /etc/hostname",
      "config.sshpublickey: /etc/hostname.pub → /etc/hostname.pub",
    ],
  ],
  [
    "config: {container: {env: {A: {from_file: /etc/hostname}}}}",
    ["A: {from_file: /etc/hostname} → /etc/hostname"],
  ],
  [
    "config: {container: {env: {A: {from_file: ~/key}}}}",
    [`A: {from_file: ~/key} → ${join(homedir(), "key")}`],
  ],
  ["config: {container: {env: {A: {from_manager: 'op://a/b'}}}}", ["A: {from_manager: op://a/b}"]],
  ["extramounts: ['/etc:/etc:ro', 'a:/a']", ["extramounts: /etc:/etc:ro → /etc"]],
  ["extramounts: ['$ETC:/x']", ["extramounts: $ETC:/x → /etc"]],
  [
    "config: {container: {docker_flags: ['-v $ETC:/x --pid=host']}}",
    ['-v "${ETC?}":/x → /etc', "--pid=host"],
  ],
  ["config: {container: {docker_flags: ['-v ./link:/x']}}", ["-v ./link:/x → /etc"]],
  ["config: {container: {docker_flags: ['-v ./link/passwd:/x']}}", ["-v ./link/passwd:/x → /etc/passwd"]],
  ["config: {container: {docker_flags: ['-v ./a/../..:/x']}}", ["-v ./a/../..:/x → "]],
  [
    "config: {container: {docker_flags: ['--mount type=bind,source=/proc/self/root,target=/x']}}",
    ["--mount type=bind,source=/proc/self/root,target=/x → /"],
  ],
  [
    "config: {container: {docker_flags: ['-v ./not/there/../../../x:/x']}}",
    ["-v ./not/there/../../../x:/x → "],
  ],
  [
    "blocks: [{name: b, env: {A: {from_file: /etc/hostname}}}]",
    ["A: {from_file: /etc/hostname} → /etc/hostname"],
  ],
  [
    "blocks: [{name: b, actions: [{name: a, script: [x], env: {A: {from_file: /etc/hostname}}}]}]",
    ["A: {from_file: /etc/hostname} → /etc/hostname"],
  ],
  ["blocks: [{name: b, from: installed}]", ["B: {from_file: /etc/passwd} → /etc/passwd"]],
  [
    "workflows: [{name: ww, steps: [{name: ss, block: b, action: a, env: {A: {from_file: /etc/hostname}}, inputs: {t: {from_file: /etc/fstab}}}]}]",
    ["A: {from_file: /etc/hostname} → /etc/hostname", "t: {from_file: /etc/fstab} → /etc/fstab"],
  ],
  ["workflows: [{name: ww, steps: [{name: ss, block: b, action: a, context: far}]}]", ["context: far"]],
  [
    "workflows: [{name: ww, steps: [{name: ss, block: b, action: a, matrix: {at: [one, two]}, context: {from_matrix: at}}]}]",
    ["context: one", "context: two"],
  ],
])("%s asks for %j", (text, expected) => {
  using folder = makeFolder({
    "a/file": "",
    "workspace.poly": `name: test\n${text}\n`,
    "blocks/installed/block.poly": text.includes("installed")
      ? "name: installed\nenv: {B: {from_file: /etc/passwd}}\n"
      : "name: installed\n",
  });
  symlinkSync("/etc", join(folder.path, "link"));
  const access = requestIn(folder, { ETC: "/etc" }).access.map(({ written, path }) =>
    path === undefined ? written : `${written} → ${path}`,
  );
  expect(access.length).toBe(expected.length);
  for (const [index, one] of expected.entries()) expect(access[index]).toStartWith(one);
});

const flags = (...list: readonly string[]) =>
  `name: test\nconfig: {container: {docker_flags: ${JSON.stringify(list)}}}\n`;

test("another list has another hash, and nothing but the list counts", () => {
  using folder = makeFolder({ "workspace.poly": flags("--pid=host", "-v $DATA:/x") });
  const hashOf = (text: string, data = "/srv") => {
    folder.write("workspace.poly", text);
    return requestIn(folder, { DATA: data }).hash;
  };
  const hash = hashOf(flags("--pid=host", "-v $DATA:/x"));
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  const same = [
    flags("-v $DATA:/x", "--pid=host", "--pid=host"),
    `# a comment\n${flags("--pid=host", "-v $DATA:/x")}`,
    `${flags("--memory=1g", "--pid=host", "-v $DATA:/x")}blocks: [{name: b, actions: [{name: a, script: [x]}]}]\n`,
  ];
  expect(same.map((text) => hashOf(text))).toEqual(same.map(() => hash));
  const others = [
    [flags("--pid=host"), "/srv"],
    [flags("--pid=host", "-v $DATA:/x", "--privileged"), "/srv"],
    [flags("--pid=host", "-v $DATA:/y"), "/srv"],
    [flags("--pid=host", "-v $DATA:/x"), "/home"],
    [flags("--pid=host", "-v /srv:/x"), "/srv"],
  ] as const;
  const hashes = others.map(([text, data]) => hashOf(text, data));
  expect(new Set([hash, ...hashes]).size).toBe(others.length + 1);
});

test("a folder that an action has replaced by a link is asked for", () => {
  using folder = makeFolder({ "workspace.poly": flags("-v ./data:/x"), "data/file": "" });
  expect(requestIn(folder).access).toEqual([]);
  renameSync(join(folder.path, "data"), join(folder.path, "old"));
  symlinkSync("/", join(folder.path, "data"));
  expect(requestIn(folder).access).toEqual([
    { written: "-v ./data:/x", gives: "files of the host", path: "/" },
  ]);
});

test("a block that a registry brings counts", () => {
  using folder = makeFolder({ "workspace.poly": "name: test\n" });
  expect(requestIn(folder).access).toEqual([]);
  mkdirSync(join(folder.path, "blocks/registry.example.com/x"), { recursive: true });
  writeFileSync(
    join(folder.path, "blocks/registry.example.com/x/block.poly"),
    "name: registry.example.com/x\nactions: [{name: a, script: [x], env: {KEY: {from_file: ~/.ssh/id_rsa}}}]\n",
  );
  expect(requestIn(folder).access.map(({ written }) => written)).toEqual(["KEY: {from_file: ~/.ssh/id_rsa}"]);
});
