import { expect, test } from "bun:test";
import { call, executable } from "../support/harness.ts";

test("`version` prints the version of the package", async () => {
  const { version } = await Bun.file(`${import.meta.dir}/../../package.json`).json();
  expect(await call([executable, "version"])).toEqual({
    stdout: `${version}\n`,
    stderr: "",
    exitCode: 0,
  });
});
