import { expect, test } from "bun:test";
import { readDockerFlags } from "../../../../src/engine/flags/dockerFlag.ts";
import type { Caller } from "../../../../src/host/user.ts";
import { resolveUser, withoutUserFlag } from "../../../../src/plan/user/containerUser.ts";

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
  const person = resolveUser(setting, flags, { ...caller, ...who });
  const own = withoutUserFlag(person, flags).flatMap(({ words }) => words.map(String));
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
  expect(resolveUser("host", [], caller).entries).toEqual({
    passwd: "anna:x:1000:1000::/home/anna:/bin/sh\n",
    group: "anna:x:1000:\ndocker:x:998:anna\n",
  });
});
