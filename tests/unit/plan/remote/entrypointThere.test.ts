import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { entrypointThere, readyMark } from "../../../../src/plan/remote/entrypointThere.ts";
import { handOverText } from "../../../../src/plan/remote/handOver.ts";
import type { Handed } from "../../../../src/plan/remote/steps.ts";
import type { Terminal } from "../../../../src/plan/terminal.ts";
import { call, makeFolder } from "../../../support/harness.ts";

const shells = [["bash"], ["dash"], ["busybox", "sh"]].filter(
  ([program = ""]) => Bun.which(program) !== null,
);

const piped: Terminal = { interactive: true, size: undefined };

function handedOf(values: readonly string[], file?: string): Handed {
  return {
    variables: values.map((value, index) => ({ name: `V${index}`, value, from: { variable: "X" } })),
    files:
      file === undefined ? [] : [{ path: "/run/polycrate-status/handed", shown: "x", reveal: () => file }],
  };
}

/** Runs the entrypoint with a script, in a folder that stands for `/run`; returns what it printed, and that folder's notes. */
async function run(
  shell: readonly string[],
  { handed, script, rest = "" }: { handed: Handed; script: string; rest?: string },
  input = handOverText(handed) + rest,
) {
  using folder = makeFolder({});
  const place = (text: string) => text.replaceAll("/run/polycrate", join(folder.path, "p"));
  for (const name of ["p", "p-status"]) mkdirSync(join(folder.path, name));
  folder.write("p-status/status", "# transaction 1\n");
  const [program = "sh", ...words] = shell;
  const inner = join(folder.path, "shell");
  folder.write("shell", `#!/bin/sh\nexec ${[program, ...words].join(" ")} "$@"\n`);
  await call(["chmod", "755", inner]);
  const changes = { before: ["echo before"], after: ["echo after"] };
  const text = entrypointThere({ transaction: "1", shell: inner, terminal: piped, handed, changes });
  folder.write("entrypoint", place(text));
  folder.write("p/prepare", place(script));
  const result = await call([...shell, join(folder.path, "entrypoint"), "a b"], {
    directory: folder.path,
    input,
  });
  const file = folder.glob("p-status/handed").length === 0 ? undefined : folder.read("p-status/handed");
  return { ...result, status: folder.read("p-status/status"), file };
}

test.each(shells)(
  "%s hands any secret to the action as it is, and leaves it the rest of the input",
  async (...shell) => {
    const value = fc
      .string({ unit: "binary", maxLength: 1500 })
      .map((text) => text.replaceAll("\0", "").toWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 3 }),
        value,
        value,
        async (values, file, rest) => {
          const script = values.map((_, index) => `printf '%s\\001' "$V${index}"`).join("\n");
          const {
            stdout,
            stderr,
            file: written,
          } = await run(shell, {
            handed: handedOf(values, file),
            script: `${script}\ncat\n`,
            rest,
          });
          expect(stderr).toBe("");
          expect(stdout).toBe(`before\n${values.map((one) => `${one}\u0001`).join("")}${rest}after\n`);
          expect(written).toBe(file);
        },
      ),
      { numRuns: 25 },
    );
  },
);

test.each(shells)(
  "with %s what comes after the action is done whatever its exit code is, which stays",
  async (...shell) => {
    const script = `echo "$0 $1" | sed 's/.*entry/entry/'; exit 42\n`;
    const { stdout, exitCode, status } = await run(shell, { handed: handedOf([]), script });
    expect(stdout).toBe("before\nentrypoint a b\nafter\n");
    expect(exitCode).toBe(42);
    expect(status).toBe("started\nended 42\n");
  },
);

test("nothing runs when a secret does not arrive whole", async () => {
  const { stdout, stderr, exitCode } = await run(
    ["bash"],
    { handed: handedOf(["x"]), script: "echo ran\n" },
    "half",
  );
  expect([stdout, exitCode]).toEqual(["", 73]);
  expect(stderr).toBe("polycrate: the secrets did not arrive\n");
});

test("lines are short and have only printable characters, as a terminal passes them on", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 5000 }), (value) => {
      for (const line of handOverText(handedOf([value])).split("\n")) {
        expect(line.length).toBeLessThan(1000);
        expect(line).toMatch(/^[ -~]*$/);
      }
    }),
  );
});

test("at a terminal nothing is read before it is quiet, and the mark says so", () => {
  const terminal = { interactive: false, size: { rows: 1, columns: 2 } };
  const lines = entrypointThere({
    ...{ transaction: "7", shell: "/bin/sh", terminal, handed: handedOf(["x"]) },
    changes: { before: [], after: [] },
  }).split("\n");
  const at = (text: string) => lines.findIndex((line) => line.includes(text));
  expect(at("stty -echo")).toBeLessThan(at(readyMark("7")));
  expect(at(readyMark("7"))).toBeLessThan(at("take; V0="));
  expect(at("exec </dev/null")).toBeGreaterThan(at("stty echo"));
});
