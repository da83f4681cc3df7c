import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { capture } from "../../../src/host/capture.ts";

const options = { directory: tmpdir(), environment: process.env };

test("a program's answer comes with its exit code, standard output and standard error", async () => {
  expect(await capture(["sh", "-c", "echo out; echo err >&2; exit 3"], options)).toEqual({
    exitCode: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("words reach a program as they are", async () => {
  expect((await capture(["printf", "%s|", "a b", "", "$HOME", "'\"", "ä\n"], options)).stdout).toBe(
    "a b||$HOME|'\"|ä\n|",
  );
});

test("a program that does not answer is given up: 69", async () => {
  const answer = capture(["sleep", "600"], { ...options, timeout: 0.1 });
  await expect(answer).rejects.toMatchObject({
    message: "`sleep 600` did not respond within 0.1 s",
    hint: undefined,
    exitCode: 69,
  });
});

test("a program that is not on the PATH is said to be missing: 69", async () => {
  await expect(capture(["polycrate-no-such-program"], options)).rejects.toMatchObject({ exitCode: 69 });
});
