import { expect, test } from "bun:test";
import { probeLines } from "../../../../src/plan/dryRun/probe.ts";
import type { ImageProbe } from "../../../../src/plan/plan.ts";
import { makeFolder } from "../../../support/harness.ts";

const probe: ImageProbe = {
  shell: "/bin/sh",
  identify: ["cat", "id"],
  folder: "kept users",
  refresh: false,
  files: [
    { path: "passwd", label: "passwd", content: "anna:x:7:8\n" },
    { path: "group", label: "group", content: "it's:x:8\n" },
  ],
};

test("an image is read by these lines", () => {
  expect(probeLines(probe, ["docker run \\", "  image"], "a run")).toEqual([
    "mkdir -p 'kept users'",
    "image=$(cat id 2>/dev/null) || image=none",
    `if [ -L 'kept users'/"\${image#*:}" ] || [ ! -f 'kept users'/"\${image#*:}" ]; then`,
    "  docker run \\",
    "    image >'a run/reading'",
    "  image=$(cat id)",
    `  mv 'a run/reading' 'kept users'/"\${image#*:}"`,
    "fi",
    `{ printf '%s' 'anna:x:7:8\n'; sed -n 's/^passwd://p' 'kept users'/"\${image#*:}"; } >'a run/passwd'`,
    `{ printf '%s' 'it'\\''s:x:8\n'; sed -n 's/^group://p' 'kept users'/"\${image#*:}"; } >'a run/group'`,
  ]);
});

/** Carries a probe out in a folder, where the image with this id prints its text; returns what was written. */
function carryOut(changes: Partial<ImageProbe>, kept: Readonly<Record<string, string>> = {}) {
  using folder = makeFolder({ id: "sha256:7", "run/x": "", ...kept });
  const command = ["printf 'passwd:root:0\\ngroup:wheel:0\\npasswd:bin:1\\n'"];
  const text = probeLines({ ...probe, ...changes }, command, "run").join("\n");
  const { exitCode } = Bun.spawnSync(["sh", "-euc", text], { cwd: folder.path });
  return [exitCode, folder.read("run/passwd"), folder.read("run/group"), folder.glob("kept users/*")];
}

test("the image's lines come after the person's, and are kept by the image's id", () => {
  expect(carryOut({})).toEqual([
    ...[0, "anna:x:7:8\nroot:0\nbin:1\n", "it's:x:8\nwheel:0\n", ["kept users/7"]],
  ]);
});

test("an image that was read is not read again, unless it may be another", () => {
  const kept = { "kept users/7": "passwd:kept:0\n" };
  expect(carryOut({}, kept)).toEqual([0, "anna:x:7:8\nkept:0\n", "it's:x:8\n", ["kept users/7"]]);
  expect(carryOut({ refresh: true }, kept)[1]).toBe("anna:x:7:8\nroot:0\nbin:1\n");
});
