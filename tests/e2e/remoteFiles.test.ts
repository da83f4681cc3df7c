import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { busybox, call, type Folder, makeFolder } from "../support/harness.ts";
import { engineOverTcp, remoteFolder } from "../support/remoteEngine.ts";
import { age, apply, describeTree } from "../support/transfer.ts";

/** What an action does to files, in every way that a program can. */
const action = String.raw`
echo new >new; mkdir empty2; rmdir empty
rm -r d1; mv d2 moved; mv d3 x; mv d4 d3; mv x d4
chmod 700 d5; chmod 4711 d6/f6; chmod 644 ro/inside; echo 2 >>ro/inside
touch -r d7/f7 stamp; echo 77777 >d7/f7; touch -r stamp d7/f7; rm stamp
echo 88888 >same1; ln d8/f8 d8/again; cp d8/again d8/copy
rm d9/f9; mkdir d9/f9; echo x >d9/f9/deep; rm -r d10; echo file >d10; rm l1; echo file >l1
ln -s ../../etc l2; ln -sf other l3; touch -t 200102030405.06 old
printf 1 >"$(printf 'li\nne')"; printf 1 >"$(printf 'b\377d')"; printf 1 >'-n'; rm 'sp ace'; printf 2 >ä
dd if=/dev/zero of=holes bs=1 count=1 seek=5000000 2>/dev/null
mv d11/f11 d12/f11; mkdir -p a/b/c/d/e; echo deep >a/b/c/d/e/f
`;

const workspace = (image: string) => `name: w
config: { container: { image: ${image} } }
blocks:
  - name: b
    actions:
      - { name: act, script: [${JSON.stringify(action)}] }
`;

/** A workspace of 2,000 files, with everything that a file system can have. */
function makeWorkspace(image: string): Folder {
  const files = Array.from({ length: 2000 }, (_, index): [string, string] => [
    `d${index % 50}/f${index}`,
    String(index).repeat(1000),
  ]);
  const folder = makeFolder({
    ...Object.fromEntries(files),
    ...{ "workspace.poly": workspace(image), ".git/config": "x", "ro/inside": "1", "empty/x": "" },
    ...{ same1: "12345", "sp ace": "", ä: "1", ignored: "secret", ".polycrateignore": "ignored\n" },
  });
  apply(folder.path, [
    { do: "remove", path: "empty/x" },
    { do: "link", path: "same1", to: "d1/same2" },
    { do: "link", path: "same1", to: "same3" },
    { do: "symlink", path: "l1", target: "../../etc/passwd" },
    { do: "symlink", path: "l3", target: "nothing" },
    { do: "write", path: "odd\n\udcff", content: "1" },
    { do: "chmod", path: "d5/f5", mode: 0o4755 },
    { do: "sparse", path: "sparse", size: 3_000_000 },
  ]);
  chmodSync(join(folder.path, "ro"), 0o555);
  age(folder.path);
  return folder;
}

/** All of the workspace but what polycrate itself writes, and the time of the folder that it writes into. */
function stateOf({ path }: Folder, unit: bigint): readonly string[] {
  return describeTree(path, unit)
    .filter((line) => !/^"(?:\.logs|artifacts|\.snapshot\.yml)/.test(line))
    .map((line) => (line.startsWith('"."') ? line.replace(/ (?:\d{6,}|now) /, " ") : line));
}

const images = [
  ["programs of GNU: what changed comes back", "polycrate-test:gnu", 1000n],
  ["others: the whole workspace comes back", busybox, 1_000_000_000n],
] as const;

describe.skipIf(remoteFolder === undefined)(
  "after a run on another machine the files are what a run here leaves,",
  () => {
    test.each(images)("in an image with %s", async (_, image, unit) => {
      using here = makeWorkspace(image);
      using there = makeWorkspace(image);
      await using far = await engineOverTcp();
      const words = ["run", "b", "act"];
      const before = await here.run(words);
      expect(before).toMatchObject({ stdout: "", exitCode: 0 });
      const { stderr, exitCode } = await there.run([...words, "--context", "far"], far);
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(/sent 2,0\d\d files/),
      });
      expect(stateOf(there, unit)).toEqual(stateOf(here, unit));
      expect(await far.containersOf(there)).toEqual([]);
    });

    test("also by the script that a dry run prints", async () => {
      using here = makeWorkspace("polycrate-test:gnu");
      using there = makeWorkspace("polycrate-test:gnu");
      await using far = await engineOverTcp();
      expect((await here.run(["run", "b", "act"])).exitCode).toBe(0);
      const { stdout } = await there.run(["run", "b", "act", "--context", "far", "--dry-run"], far);
      const result = await call(["bash", "-c", stdout], { directory: there.path, ...far });
      expect(result).toMatchObject({ exitCode: 0 });
      // tar gives a folder no time back in which it replaced a file.
      const untimed = (folder: Folder) =>
        stateOf(folder, 1000n).map((line) => line.replace(/ (?:\d+|now) folder$/, " folder"));
      expect(untimed(there)).toEqual(untimed(here));
    });
  },
);
