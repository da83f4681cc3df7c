import { expect, test } from "bun:test";
import { readCaller } from "../../../src/host/user.ts";

const id = (...words: readonly string[]) =>
  Bun.spawnSync(["id", ...words])
    .stdout.toString()
    .trim();

test("the caller has the user's number, and the groups that the host has for it, the primary one first", () => {
  const caller = readCaller("anna", true);
  expect(caller).toMatchObject({
    uid: Number(id("-u")),
    gid: Number(id("-g")),
    name: "anna",
    isRootInside: true,
  });
  expect(caller.groups[0]).toEqual({ gid: Number(id("-g")), name: id("-gn") });
  expect(caller.groups.map(({ gid }) => gid).toSorted()).toEqual(id("-G").split(" ").map(Number).toSorted());
  expect(readCaller("anna", false).isRootInside).toBe(false);
});

test("a group that the host has no name for gets one of its number", () => {
  const code = `const { readCaller } = await import("${import.meta.dir}/../../../src/host/user.ts");
    process.getgroups = () => [54321]; console.log(JSON.stringify(readCaller("x", false).groups.at(-1)));`;
  const { stdout } = Bun.spawnSync([process.execPath, "--eval", code]);
  expect(JSON.parse(stdout.toString())).toEqual({ gid: 54321, name: "group54321" });
});
