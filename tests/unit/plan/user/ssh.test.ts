import { expect, test } from "bun:test";
import type { Caller } from "../../../../src/host/user.ts";
import { resolveUser } from "../../../../src/plan/user/containerUser.ts";
import { checkPrivateKey, sshArguments, sshConfigOf } from "../../../../src/plan/user/ssh.ts";

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

const person = resolveUser("host", [], caller);
const root = resolveUser("image", [], caller);
const rootless = resolveUser("image", [], { ...caller, isRootInside: true });

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
  const problem = checkPrivateKey({ path: "/w/id_rsa", uid, mode }, who);
  expect(problem === undefined ? undefined : problem.refused ? "refused" : "warned").toBe(expected);
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
  [
    person,
    1001,
    0o600,
    {
      message:
        "the ssh key `/my key` belongs to another user (uid 1001); the action (uid 1000) cannot read it",
      hint: "run `sudo chown 1000 '/my key'`, or run actions as root with `user: image`",
      refused: false,
    },
  ],
  [
    person,
    1000,
    0o044,
    {
      message: "the ssh key `/my key` is readable by others (mode 0044), so ssh refuses it",
      hint: "run `chmod 600 '/my key'`",
      refused: true,
    },
  ],
  [
    root,
    1000,
    0o640,
    {
      message: "the ssh key `/my key` is readable by others (mode 0640)",
      hint: "run `chmod 600 '/my key'`",
      refused: false,
    },
  ],
])("what is wrong with a key is said with what to do", (who, uid, mode, concern) => {
  expect(checkPrivateKey({ path: "/my key", uid, mode }, who)).toEqual(concern);
});
