import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { askEngine } from "../../../src/engine/ask.ts";
import { fakeEngine } from "../../support/fakes.ts";

test("an engine that hangs is named, with the command that shows it: 69", async () => {
  const options = { directory: tmpdir(), environment: process.env, timeout: 0.1 };
  await expect(askEngine(fakeEngine({}), ["sleep", "600"], options)).rejects.toMatchObject({
    message: "`sleep 600` did not respond within 0.1 s",
    hint: "check whether the docker engine hangs: `docker version`",
    exitCode: 69,
  });
});
