import { expect, test } from "bun:test";
import { call, executable, makeFolder } from "../support/harness.ts";

test("no file of a foreign workspace is run or obeyed by the executable", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: my-workspace\n",
    ".env": "POLYCRATE_WORKSPACE=/nowhere\n",
    "bunfig.toml": 'preload = ["./preload.ts"]\n',
    "preload.ts": 'console.log("preloaded");\n',
    "package.json": "{",
    "tsconfig.json": "{",
  });
  // Else there would be nothing to resist.
  expect((await call([process.execPath, "-e", "0"], { directory: folder.path })).stdout).toContain(
    "preloaded",
  );

  const { stdout } = await folder.run(["version"]);
  expect(stdout).toBe((await call([executable, "version"], { directory: "/" })).stdout);
  expect(await folder.run(["list"])).toMatchObject({ stderr: "", exitCode: 0 });
});
