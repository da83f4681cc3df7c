import { describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { collectWorkspace, manifestOf } from "../../../src/transfer/collect.ts";
import { writeManifest } from "../../../src/transfer/manifest.ts";
import { call, type Folder, makeFolder, namesIn } from "../../support/harness.ts";
import { asOrdinary, ordinary } from "../../support/ordinaryUser.ts";

const transfer = join(import.meta.dir, "../../../src/transfer");

/** A program that lands the archive beside the workspace, by the manifest beside it, and prints what has come back. */
const landing = `
  import { readFileSync } from "node:fs";
  import { landArchive } from "${transfer}/land.ts";
  import { readManifest } from "${transfer}/manifest.ts";
  const root = process.cwd();
  const manifest = readManifest(readFileSync("../sent", "utf8"));
  const options = { root, manifest, form: "changes", prefix: ".", stays: [".polycrate"], mergedByLine: [] };
  const source = Bun.file("../out.tar").stream();
  const way = { staging: ".polycrate/landing", conflicts: ".polycrate/conflicts/1" };
  try {
    console.log("ready");
    const { fetched, removed, conflicts } = await landArchive(source, { ...options, ...way });
    console.log(JSON.stringify({ fetched, removed, conflicts }));
  } catch (error) {
    console.log(error.exitCode, error.message);
  }
`;

/** Notes what is sent of the workspace, and makes the archive of what a command changed in a copy of it. */
async function prepare(folder: Folder, command: string): Promise<void> {
  const above = dirname(folder.path);
  writeFileSync(
    join(above, "sent"),
    writeManifest(manifestOf(collectWorkspace(folder.path, [".polycrate"]), [])),
  );
  const script = `
    cp -a ${folder.path} ../there && mkdir ../notes && cd ../there && ${command}
    find . -path ./.polycrate -prune -o -print0 >../notes/names
    find . -path ./.polycrate -prune -o -cnewer ../sent -print0 | tar -c --format=pax --null --no-recursion -T - -f ../notes/changed.tar
    tar -C ../notes -cf ../out.tar .
    chmod 755 .. && chmod 644 ../sent ../out.tar`;
  expect(await call(["bash", "-c", script], { directory: folder.path })).toMatchObject({
    stderr: "",
    exitCode: 0,
  });
}

const program = [process.execPath, "--eval", landing];

test("a process that is killed while it lands leaves every file whole, and the next one completes it", async () => {
  const names = Array.from({ length: 80 }, (_, index) => `d${index % 10}/f${index}`);
  const old = "o".repeat(20_000);
  const change = `for f in d*/*; do head -c 30000 /dev/zero | tr '\\0' n >$f; done; rm -r d9; mkdir -p new; mv d8 new`;
  let killed = 0;
  for (let round = 0; round < 4; round += 1) {
    using folder = makeFolder(Object.fromEntries(names.map((name) => [name, old])));
    await prepare(folder, change);
    const child = Bun.spawn(program, { cwd: folder.path, stdout: "pipe", stderr: "ignore" });
    const reader = child.stdout.getReader();
    await reader.read();
    await Bun.sleep(round * 20);
    child.kill("SIGKILL");
    await child.exited;
    killed += child.signalCode === null ? 0 : 1;
    for (const path of folder.glob("**/*").filter((path) => !path.startsWith(".polycrate"))) {
      expect(["o20000", "n30000"]).toContain(`${folder.read(path)[0]}${folder.read(path).length}`);
    }
    const { stdout } = await call(program, { directory: folder.path });
    expect(stdout).toContain('"conflicts":[]');
    expect(
      (await call(["diff", "-r", ".", "../there", "-x", ".polycrate"], { directory: folder.path })).stdout,
    ).toBe("");
    expect(readdirSync(join(folder.path, ".polycrate"))).toEqual([]);
  }
  expect(killed).toBeGreaterThan(0);
});

test("a file that cannot be written to its end, as on a full disk, leaves everything as it was", async () => {
  using folder = makeFolder({ a: "old", b: "old" });
  await prepare(folder, "echo new >a; head -c 3000000 /dev/urandom >b");
  const limited = ["bash", "-c", 'trap "" XFSZ; ulimit -f 1000; exec "$@"', "bash", ...program];
  const { stdout } = await call(limited, { directory: folder.path });
  expect(stdout).toContain("73 cannot write `");
  expect([folder.read("a"), folder.read("b")]).toEqual(["old", "old"]);
  expect(readdirSync(join(folder.path, ".polycrate"))).toEqual([]);
});

describe("for a user who is not root", () => {
  const before = process.getuid?.() === 0 ? asOrdinary() : [];
  const owned = async (folder: Folder) => {
    if (before.length > 0) await call(["chown", "-R", `${ordinary.uid}:${ordinary.gid}`, folder.path]);
  };
  const land = (folder: Folder) => call([...before, ...program], { directory: folder.path });

  test("folders that their owner may not write or search are written all the same, and are as they were then", async () => {
    using folder = makeFolder({ "ro/a": "1", "ro/b": "2", "ro/c/d": "3" });
    chmodSync(join(folder.path, "ro/c"), 0o500);
    chmodSync(join(folder.path, "ro"), 0o555);
    await owned(folder);
    await prepare(
      folder,
      "echo 9 >ro/a; rm ro/b; echo new >ro/n; ln -s x ro/l; echo 4 >ro/c/d; mkdir -m 000 ro/none",
    );
    const { stdout } = await land(folder);
    expect(stdout).toContain('{"fetched":4,"removed":1,"conflicts":[]}');
    const modes = ["ro", "ro/c", "ro/none"].map((path) =>
      (statSync(join(folder.path, path)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["555", "500", "0"]);
    expect(readFileSync(join(folder.path, "ro/c/d"), "utf8")).toBe("4\n");
    expect(namesIn(join(folder.path, "ro"))).toEqual(["a", "c", "l", "n", "none"]);
  });

  test("what may not be written is kept as a conflict, and the rest comes back", async () => {
    if (before.length === 0) return;
    using folder = makeFolder({ "theirs/a": "1", b: "2" });
    await owned(folder);
    await call(["chown", "-R", "0:0", join(folder.path, "theirs")]);
    await prepare(folder, "echo 9 >theirs/a; echo 8 >b");
    const { stdout } = await land(folder);
    const conflict = {
      path: "theirs/a",
      reason: "permission denied",
      theirs: ".polycrate/conflicts/1/theirs/a",
    };
    expect(stdout).toContain(JSON.stringify({ fetched: 1, removed: 0, conflicts: [conflict] }));
    expect(folder.read(conflict.theirs)).toBe("9\n");
    expect([folder.read("theirs/a"), folder.read("b")]).toEqual(["1", "8\n"]);
  });

  test("everything belongs to them, with the modes it had there", async () => {
    using folder = makeFolder({ a: "1" });
    await owned(folder);
    await prepare(folder, "echo 2 >a; mkdir d; chown -R 7:7 . 2>/dev/null; chmod 4711 a; chmod 1777 d");
    expect((await land(folder)).stdout).toContain('"conflicts":[]');
    const uid = before.length > 0 ? ordinary.uid : (process.getuid?.() ?? 0);
    const found = ["a", "d"].map((path): readonly [number, string] => {
      const status = statSync(join(folder.path, path));
      return [status.uid, (status.mode & 0o7777).toString(8)];
    });
    expect(found).toEqual([
      [uid, "4711"],
      [uid, "1777"],
    ]);
  });
});
