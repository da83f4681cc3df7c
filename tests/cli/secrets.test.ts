import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeFolder, workspaceWith } from "../support/harness.ts";

test("a file that is no text is refused as a variable", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: show, script: echo hi}", "env: {KEY: {from_file: key.bin}}"),
  });
  await Bun.write(join(folder.path, "key.bin"), new Uint8Array([0x80, 0xff]));
  const { stderr, exitCode } = await folder.run(["run", "b", "show"]);
  expect(stderr).toContain(
    "the file `key.bin` is not UTF-8 text\nhint: mount it as a file, with `extramounts` or `--mount`\n",
  );
  expect(exitCode).toBe(65);
});
