import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { call } from "../support/harness.ts";

const checkout = resolve(import.meta.dir, "../..");

test("the demo shows all that it promises", async () => {
  const { stdout, stderr, exitCode } = await call(["sh", "scripts/demo.sh"], { directory: checkout });
  expect({ stderr: stderr.match(/error: .*/), exitCode }).toEqual({ stderr: null, exitCode: 0 });
  expect(stdout).toContain("$ polycrate run hello greet\n");
}, 120_000);
