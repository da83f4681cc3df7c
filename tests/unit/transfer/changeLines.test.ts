import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { changeLines } from "../../../src/transfer/changeLines.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";

const shells: readonly (readonly string[])[] = [["bash"], ["dash"], ["bash", "--posix"]];

const files = {
  "ws/a": "1",
  "ws/d/b": "2",
  "ws/d/e/c": "3",
  "ws/.git/config": "",
  "ws/log[s]/1": "",
  "run/status": "",
};

/** Runs a command in the workspace between the lines, as an action would, and returns the names of what is listed and archived. */
async function noted(folder: Folder, shell: readonly string[], command: string, path?: string) {
  const places = { workspace: join(folder.path, "ws"), folder: join(folder.path, "run") };
  const { before, after } = changeLines({ ...places, stays: [".git", "log[s]"] });
  const script = ["set -eu", ...before, `(cd ${places.workspace} && ${command})`, ...after, "echo done"];
  const env = path === undefined ? {} : { PATH: path };
  const result = await call([...shell, "-c", script.join("\n")], { env });
  expect(result).toEqual({ stdout: "done\n", stderr: "", exitCode: 0 });
  const run = folder.glob("run/*");
  if (!run.includes("run/names")) return undefined;
  const listing = await call(["tar", "-tf", join(places.folder, "changed.tar")]);
  return {
    names: folder.read("run/names").split("\0").slice(0, -1).sort(),
    changed: listing.stdout.split("\n").slice(0, -1),
    run,
  };
}

const all = [".", "./a", "./d", "./d/b", "./d/e", "./d/e/c"];

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))("%s notes", (_, shell) => {
  test.each<[string, string, readonly string[], readonly string[]]>([
    ["nothing, if nothing changed", "true", all, []],
    ["what has another content", "echo 2 >a", all, ["./a"]],
    [
      "what has the same size and time as before",
      "touch -r d/b r && echo 9 >d/b && touch -r r d/b && rm r",
      all,
      ["./", "./d/b"],
    ],
    ["another mode", "chmod 700 d/e/c", all, ["./d/e/c"]],
    ["another mode of a folder", "chmod 700 d/e", all, ["./d/e/"]],
    ["a new file and its folder", "echo x >d/n", [...all, "./d/n"], ["./d/", "./d/n"]],
    ["an empty folder", "mkdir n", [...all, "./n"], ["./", "./n/"]],
    ["a link", "ln -s /etc l", [...all, "./l"], ["./", "./l"]],
    ["what was removed, by its folder", "rm d/b", all.filter((path) => path !== "./d/b"), ["./d/"]],
    [
      "a moved folder with all that is in it",
      "mv d m",
      [".", "./a", "./m", "./m/b", "./m/e", "./m/e/c"],
      ["./", "./m/", "./m/b", "./m/e/", "./m/e/c"],
    ],
    [
      "two folders that changed places",
      "mkdir x && mv d/e y && mv x d/e && mv y x",
      [...all.filter((path) => path !== "./d/e/c"), "./x", "./x/c"],
      ["./", "./d/", "./d/e/", "./x/", "./x/c"],
    ],
    ["nothing of what stays", "echo x >.git/config && echo x >'log[s]/2'", all, []],
    [
      "names that are odd",
      "echo x >'-n' && echo x >'li\nne'",
      [...all, "./-n", "./li\nne"],
      ["./", "./-n", "./li\\nne"],
    ],
  ])("%s", async (_, command, names, changed) => {
    using folder = makeFolder(files);
    expect(await noted(folder, shell, command)).toEqual({
      names: [...names].sort(),
      changed: [...changed],
      run: ["run/changed.tar", "run/names", "run/status"],
    });
  });
});

test("a change right after the stamp is noted: the clock of a file system has ticks", async () => {
  using folder = makeFolder(files);
  for (let round = 0; round < 20; round += 1) {
    const found = await noted(folder, ["dash"], "echo 2 >a");
    expect(found?.changed).toEqual(["./a"]);
  }
});

test("a socket is not listed: it cannot travel", async () => {
  using folder = makeFolder(files);
  mkdirSync(join(folder.path, "ws/sock"));
  const server = Bun.listen({ unix: join(folder.path, "ws/sock/s"), socket: { data: () => {} } });
  expect((await noted(folder, ["dash"], "true"))?.names).toEqual([...all, "./sock"]);
  server.stop();
});

describe("without the programs of GNU there is no list, and the action's end is as always:", () => {
  const tools = ["sh", "find", "tar", "sort", "comm", "cut", "xargs", "mv", "rm", "touch"];
  test.each([...tools.slice(1, 7).map((tool) => [tool] as const), ["everything"] as const])(
    "%s",
    async (missing) => {
      using folder = makeFolder(files);
      mkdirSync(join(folder.path, "bin"));
      for (const tool of tools.filter((tool) => missing !== "everything" && tool !== missing))
        symlinkSync(Bun.which(tool) ?? "", join(folder.path, "bin", tool));
      expect(await noted(folder, ["/bin/dash"], "echo 2 >a", join(folder.path, "bin"))).toBeUndefined();
    },
  );

  test("the programs of busybox", async () => {
    using folder = makeFolder(files);
    const busybox = Bun.which("busybox") ?? "";
    mkdirSync(join(folder.path, "bin"));
    for (const tool of tools) symlinkSync(busybox, join(folder.path, "bin", tool));
    const path = join(folder.path, "bin");
    expect(await noted(folder, [busybox, "sh"], "echo 2 >a", path)).toBeUndefined();
  });
});

test("a list of an earlier run, or of the action, does not count", async () => {
  using folder = makeFolder({ ...files, "run/names": "./a\0", "run/changed.tar": "evil" });
  chmodSync(join(folder.path, "run"), 0o755);
  expect((await noted(folder, ["dash"], "true"))?.names).toEqual(all);
  renameSync(join(folder.path, "run/changed.tar"), join(folder.path, "run/x"));
  utimesSync(join(folder.path, "run/names"), 1, 1);
  expect(await noted(folder, ["dash"], "rm -f ../run/stamp")).toBeUndefined();
});
