import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";

const hostile = `a/${"*x".repeat(6)}b`;

test.each([
  ["FROM scratch\nCOPY . /\n", `${hostile}\n`],
  [`FROM scratch\nCOPY ${hostile} /\n`, ""],
  [`FROM scratch\nCOPY --parents ${"**/".repeat(30)}b /\n`, ""],
])(
  "a pattern with many stars and a long name end at once in a workspace: %j, ignoring %j",
  async (dockerfile, ignore) => {
    using folder = makeFolder({
      "workspace.poly": "name: test",
      "Dockerfile.poly": dockerfile,
      ".dockerignore": ignore,
      [`a/${"x".repeat(200)}`]: "",
    });
    expect(await folder.run(["build", "--dry-run"])).toMatchObject({ stderr: "", exitCode: 0 });
  },
);
