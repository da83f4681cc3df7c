import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  fetchSecret,
  managerOf,
  managersFile,
  parseManagers,
  readManagers,
} from "../../../src/secrets/managers.ts";
import { makeFolder } from "../../support/harness.ts";

const path = "/home/anna/.config/polycrate/managers.toml";

/** The words of the command for a reference. */
function wordsFor(text: string, reference: string): readonly string[] {
  return managerOf(parseManagers(text, path), reference).command;
}

test.each([
  ['op = ["op", "read", "{}"]', "op://infra/db/password", ["op", "read", "op://infra/db/password"]],
  [
    'vault = ["vault", "kv", "get", "-field={field}", "{path}"]',
    "vault://secret/db#password",
    ["vault", "kv", "get", "-field=password", "secret/db"],
  ],
  ['pass = {command = ["pass", "show", "{path}"], first_line = true}', "pass://a b", ["pass", "show", "a b"]],
  ['x = ["x", "{path}{}"]', "x://{}#{path}", ["x", "{}x://{}#{path}"]],
  ['x = ["x", "{path};rm"]', "x://$(id)", ["x", "$(id);rm"]],
])("%s of %s", (text, reference, expected) => {
  expect(wordsFor(text, reference)).toEqual(expected);
});

test.each([
  ["op = [", `\`${path}\` is not valid TOML: Unterminated array; expected ']'`],
  ['op = "op read"', `\`${path}\`: \`op\`: expected a command like`],
  ["op = []", `\`${path}\`: \`op\`: expected`],
  ['op = ["op"]', `\`${path}\`: \`op\`: expected`],
  ['op = ["{path}"]', `\`${path}\`: \`op\`: expected`],
  ['op = {command = ["op", "{}"], time = 1}', `\`${path}\`: \`op\`: expected`],
])("%s is an error", (text, message) => {
  expect(() => parseManagers(text, path)).toThrow(message);
});

test("a scheme that is not configured is an error", () => {
  expect(() => wordsFor('op = ["op", "{}"]', "bw://x")).toThrow("no manager for `bw://` is configured");
});

test("the file must be the user's alone to change", () => {
  using folder = makeFolder({ ".config/polycrate/managers.toml": 'op = ["op", "{}"]' });
  const environment = { HOME: folder.path };
  const uid = process.getuid?.() ?? 0;
  const file = join(folder.path, ".config/polycrate/managers.toml");
  expect(managersFile(environment)).toBe(file);
  chmodSync(file, 0o644);
  expect(readManagers(environment, uid).get("op")).toEqual({
    command: ["op", "{}"],
    timeout: 30,
    firstLine: false,
  });
  chmodSync(file, 0o664);
  expect(() => readManagers(environment, uid)).toThrow(`other users can change \`${file}\``);
  expect(() => readManagers({ HOME: "/nowhere" }, uid)).toThrow("does not exist");
});

const environment = { PATH: process.env.PATH };

/** What a shell command returns as the secret, or the error. */
async function fetched(
  script: string,
  changes: { timeout?: number; firstLine?: boolean } = {},
): Promise<string> {
  const manager = { command: ["sh", "-c", script, "sh"], timeout: 30, firstLine: false, ...changes };
  try {
    return await fetchSecret(manager, "sh://x", environment);
  } catch (error) {
    return String(error);
  }
}

test("the output is the secret, without the last line feed", async () => {
  expect(await fetched("printf 'one\\ntwo\\n\\n'")).toBe("one\ntwo\n");
  expect(await fetched("printf 'one\\r\\n'")).toBe("one");
  expect(await fetched("printf 'one\\ntwo\\n'", { firstLine: true })).toBe("one");
});

test("an error repeats no output, and says what to run by hand", async () => {
  for (const [script, message] of [
    ["echo s3cret; echo s3cret >&2; exit 3", "`sh` failed with exit code 3 for `sh://x`"],
    [":", "`sh` returned nothing for `sh://x`"],
    ["printf 's3cret\\377'", "`sh` returned something that is no text for `sh://x`"],
  ] as const) {
    const error = await fetched(script);
    expect(error).toContain(message);
    expect(error).not.toContain("s3cret");
  }
  expect(await fetched("sleep 30", { timeout: 0.1 })).toContain(
    "`sh` did not answer within 0.1 s for `sh://x`",
  );
  const missing = { command: ["no-such-program", "x"], timeout: 1, firstLine: false };
  const error = await fetchSecret(missing, "x://y", environment).catch((cause: unknown) => cause);
  expect(String(error)).toContain("`no-such-program`, which fetches `x://y`, was not found on PATH");
});
