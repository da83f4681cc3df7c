import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { mapsRootToCaller } from "../src/engine/endpoint.ts";
import { readDockerFlags } from "../src/engine/flags/dockerFlag.ts";
import type { Caller } from "../src/host/user.ts";
import { isCovered } from "../src/plan/mounts.ts";
import { choosePerson, flagsBeside } from "../src/plan/user/containerUser.ts";
import { keyConcern, sshArguments, sshConfigOf } from "../src/plan/user/ssh.ts";
import { makeFolder } from "./harness.ts";

const caller: Caller = {
  uid: 1000,
  gid: 1000,
  name: "anna",
  groups: [
    { gid: 1000, name: "anna" },
    { gid: 998, name: "docker" },
  ],
  isRootInside: false,
};

function flagsOf(...entries: readonly string[]) {
  return readDockerFlags(
    entries,
    { uid: 1000, gid: 1000, home: "/h", directory: "/w", environment: {} },
    "/workspace",
  ).flags;
}

/** The person in short: who it is, where its home is, and what docker is told. */
function personOf(setting: string | undefined, entries: readonly string[] = [], who: Partial<Caller> = {}) {
  const flags = flagsOf(...entries);
  const person = choosePerson(setting, flags, { ...caller, ...who });
  const own = flagsBeside(person, flags).flatMap(({ words }) => words.map(String));
  const { runAs, groups } = person;
  const given = [
    ...(runAs === undefined ? [] : [`--user=${runAs}`]),
    ...groups.map((gid) => `--group-add=${gid}`),
  ];
  return [person.uid, person.gid, person.home, [...given, ...(own.length > 0 ? ["…"] : [])].join(" ")];
}

test.each([
  ["nothing said", undefined, [], {}, [0, 0, "/root", ""]],
  ["image", "image", [], {}, [0, 0, "/root", ""]],
  ["host", "host", [], {}, [1000, 1000, "/home/anna", "--user=1000:1000 --group-add=998"]],
  ["host for root", "host", [], { uid: 0, gid: 0, name: "root" }, [0, 0, "/root", "--user=0:0"]],
  ["host on a rootless engine", "host", [], { isRootInside: true }, [0, 0, "/root", "--user=0:0"]],
  ["numbers", "7:8", [], {}, [7, 8, "/home/user", "--user=7:8"]],
  ["a number alone, as for docker", "7", [], {}, [7, 0, "/home/user", "--user=7:0"]],
  ["a flag", undefined, ["--user $(id -u):$(id -g)"], {}, [1000, 1000, "/home/anna", "--group-add=998 …"]],
  ["a short flag", undefined, ["-u 7:8"], {}, [7, 8, "/home/user", "…"]],
  ["a flag against the setting", "host", ["--user=7:8"], {}, [7, 8, "/home/user", "…"]],
  ["a flag with a name", "host", ["--user=node"], {}, [0, 0, "/root", "…"]],
  [
    "a flag on a rootless engine",
    undefined,
    ["-u 1000:1000"],
    { isRootInside: true },
    [0, 0, "/root", "--user=0:0"],
  ],
  [
    "a login name of a domain",
    "host",
    [],
    { name: "ACME\\anna:x" },
    [1000, 1000, "/home/ACME_anna_x", "--user=1000:1000 --group-add=998"],
  ],
  [
    "a uid in the place of a name",
    "host",
    [],
    { name: "1000" },
    [1000, 1000, "/home/user", "--user=1000:1000 --group-add=998"],
  ],
])("%s", (_, setting, entries, who, expected) => {
  expect(personOf(setting, entries, who)).toEqual(expected);
});

test("the person's lines name the user and the groups as the host does", () => {
  expect(choosePerson("host", [], caller).entries).toEqual({
    passwd: "anna:x:1000:1000::/home/anna:/bin/sh\n",
    group: "anna:x:1000:\ndocker:x:998:anna\n",
  });
});

const person = choosePerson("host", [], caller);
const root = choosePerson("image", [], caller);
const rootless = choosePerson("image", [], { ...caller, isRootInside: true });

test.each([
  ["the caller's own key", person, 1000, 0o600, undefined],
  ["the caller's own key that others can read", person, 1000, 0o644, "refused"],
  ["the caller's own key that the group can read", person, 1000, 0o640, "refused"],
  ["the same key for root", root, 1000, 0o644, "warned"],
  ["root's own key for root", root, 0, 0o644, "refused"],
  ["the caller's key for the root of a rootless engine", rootless, 1000, 0o644, "refused"],
  ["somebody's key for the caller", person, 1001, 0o600, "warned"],
  ["somebody's key for root", root, 1001, 0o600, undefined],
])("%s", (_, who, uid, mode, expected) => {
  const concern = keyConcern({ path: "/w/id_rsa", uid, mode }, who);
  expect(concern === undefined ? undefined : concern.refused ? "refused" : "warned").toBe(expected);
});

test("ssh and Ansible go by the same file of host keys, whatever its path is", () => {
  const plain = sshConfigOf("/workspace", "/root", true);
  expect(plain.lines).toContain("  UserKnownHostsFile /workspace/known_hosts");
  expect(sshArguments(plain)).toEndWith(" -o UserKnownHostsFile=/workspace/known_hosts");
  const odd = sshConfigOf("/a b/50%", "/root", false);
  expect(odd.lines).toContain('  UserKnownHostsFile "/a b/50%%/known_hosts" ~/.ssh/known_hosts');
  expect(sshArguments(odd)).toEndWith(` -o 'UserKnownHostsFile="/a b/50%%/known_hosts" ~/.ssh/known_hosts'`);
});

test.each([
  ["/root/.ssh/config", "/root/.ssh/config", true],
  ["/root/.ssh/config", "/root/.ssh", true],
  ["/root/.ssh/config", "/root/", true],
  ["/root/.ssh/config", "/root/.ss", false],
  ["/root/.ssh", "/root/.ssh/config", false],
])("%s is covered by a mount at %s: %p", (path, target, expected) => {
  expect(isCovered(path, [target])).toBe(expected);
});

test("the engine is found as docker's client finds it, and maps root when its socket is the caller's", () => {
  using folder = makeFolder({ mine: "", roots: "" });
  chownSync(join(folder.path, "mine"), 1000, 1000);
  const host = (file: string) => `unix://${join(folder.path, file)}`;
  const context = (name: string, file: string) => {
    const id = createHash("sha256").update(name).digest("hex");
    folder.write(
      `.docker/contexts/meta/${id}/meta.json`,
      JSON.stringify({ Endpoints: { docker: { Host: host(file) } } }),
    );
  };
  context("rootless", "mine");
  context("other", "roots");
  const maps = (environment: Readonly<Record<string, string>>, uid = 1000) =>
    mapsRootToCaller({ environment, home: folder.path }, uid);
  expect(maps({ DOCKER_HOST: host("mine") })).toBe(true);
  expect(maps({ DOCKER_HOST: host("mine") }, 1001)).toBe(false);
  expect(maps({ DOCKER_HOST: host("roots") })).toBe(false);
  expect(maps({ DOCKER_HOST: host("none") })).toBe(false);
  expect(maps({ DOCKER_HOST: "tcp://127.0.0.1:1" })).toBe(false);
  expect(maps({ DOCKER_CONTEXT: "rootless" })).toBe(true);
  expect(maps({ DOCKER_CONTEXT: "rootless", DOCKER_HOST: host("roots") })).toBe(false);
  folder.write(".docker/config.json", '{"currentContext": "rootless"}');
  expect(maps({})).toBe(true);
  expect(maps({ DOCKER_CONTEXT: "other" })).toBe(false);
  expect(maps({ DOCKER_CONFIG: "/nowhere" })).toBe(false);
});
