import { expect, test } from "bun:test";
import { call } from "../support/harness.ts";

test("`version` prints the version of the package", async () => {
  const { version } = await Bun.file(`${import.meta.dir}/../../package.json`).json();
  expect(await call([`${import.meta.dir}/../../dist/polycrate`, "version"])).toEqual({
    stdout: `${version}\n`,
    stderr: "",
    exitCode: 0,
  });
});
