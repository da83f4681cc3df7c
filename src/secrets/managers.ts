import { isUtf8 } from "node:buffer";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { exitCodes, PolycrateError } from "../errors.ts";
import { quote } from "../host/arg.ts";
import { tryCapture } from "../host/capture.ts";
import { fileStatus } from "../host/fileStatus.ts";
import { readFile } from "../host/read.ts";
import { ownConfigFolder } from "./identities.ts";

/** How a manager of secrets is asked: its command, in which `{}`, `{path}` and `{field}` are parts of the reference. */
export type Manager = {
  readonly command: readonly string[];
  /** In seconds. */
  readonly timeout: number;
  /** Whether only the first line of its output is the secret, as with `pass`. */
  readonly firstLine: boolean;
};

/** The managers of a user by the scheme of their references. */
export type Managers = ReadonlyMap<string, Manager>;

const expectedManager =
  'expected a command like `["op", "read", "{}"]`, or a table with `command`, `timeout` and `first_line`';

const command = v.pipe(
  v.array(v.string(), expectedManager),
  v.minLength(1, "expected a program"),
  v.check(
    (words) => words.slice(1).some((word) => /\{(?:path)?\}/.test(word)),
    "expected `{}` or `{path}` in a word",
  ),
  v.check(([program = ""]) => !program.includes("{"), "expected a program first"),
);

const manager = v.union(
  [
    v.pipe(
      command,
      v.transform((words) => ({ command: words, timeout: 30, firstLine: false })),
    ),
    v.pipe(
      v.strictObject({
        command,
        timeout: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(3600)), 30),
        first_line: v.optional(v.boolean(), false),
      }),
      v.transform((one) => ({ command: one.command, timeout: one.timeout, firstLine: one.first_line })),
    ),
  ],
  expectedManager,
);

const schema = v.record(v.string(), manager);

/** Returns the file in which a user says how managers are asked. A workspace has none: it would say what runs on this machine. */
export function managersFile(environment: NodeJS.ProcessEnv): string {
  return join(ownConfigFolder(environment), "managers.toml");
}

/** Reads that file. Throws (65) when it is missing, wrong, or another user can change it. */
export function readManagers(environment: NodeJS.ProcessEnv, uid: number): Managers {
  const path = managersFile(environment);
  const content = readFile(path, 1_000_000);
  if (typeof content === "string") {
    throw managersError(
      content === "missing" ? `\`${path}\` does not exist` : `\`${path}\` cannot be read: ${content}`,
      "it says how secrets of `from_manager` are fetched; `polycrate help secrets` has lines to copy",
    );
  }
  const status = fileStatus(path);
  if (status === undefined || ![uid, 0].includes(status.uid) || (status.mode & 0o022) !== 0) {
    throw managersError(`other users can change \`${path}\``, `own it, and \`chmod 600 ${path}\``);
  }
  return parseManagers(content.toString(), path);
}

/** Returns the managers of such a file's text. Throws (65). */
export function parseManagers(text: string, path: string): Managers {
  let value: unknown;
  try {
    value = Bun.TOML.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^TOML Parse error: /, "") : "not TOML";
    throw managersError(
      `\`${path}\` is not valid TOML: ${reason}`,
      "`polycrate help secrets` has lines to copy",
    );
  }
  const { success, output, issues } = v.safeParse(schema, value);
  if (success) return new Map(Object.entries(output));
  const [issue] = issues;
  const [inner = issue] = issue.issues?.filter((one) => one.message.startsWith("expected")) ?? [];
  const key = String(issue.path?.[0]?.key ?? "");
  throw managersError(
    `\`${path}\`: \`${key}\`: ${inner.message}`,
    "`polycrate help secrets` has lines to copy",
  );
}

function managersError(message: string, hint: string): PolycrateError {
  return new PolycrateError(message, { hint, exitCode: exitCodes.invalidWorkspace });
}

/** Returns the command that fetches the reference. Throws (65) when no manager has its scheme. */
export function managerOf(managers: Managers, reference: string): Manager {
  const [, scheme = "", path = "", field = ""] = /^([^:]+):\/\/([^#]*)(?:#(.*))?$/s.exec(reference) ?? [];
  const found = managers.get(scheme);
  if (found === undefined) {
    throw managersError(
      `no manager for \`${scheme}://\` is configured`,
      `add it to \`managers.toml\`: \`polycrate help secrets\` has lines to copy`,
    );
  }
  const parts: Readonly<Record<string, string>> = { "{}": reference, "{path}": path, "{field}": field };
  const words = found.command.map((word) =>
    word.replace(/\{(?:path|field)?\}/g, (part) => parts[part] ?? part),
  );
  return { ...found, command: words };
}

/** Runs the command and returns the secret. Throws (65) without a word of its output, which may have secrets. */
export async function fetchSecret(
  { command: words, timeout, firstLine }: Manager,
  reference: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const [program = ""] = words;
  const shown = words.map(quote).join(" ");
  const failure = (reason: string) =>
    managersError(
      `\`${program}\` ${reason} for \`${reference}\``,
      `run it yourself to see why: \`${shown}\``,
    );
  if (Bun.which(program) === null) {
    throw managersError(
      `\`${program}\`, which fetches \`${reference}\`, was not found on PATH`,
      "install it",
    );
  }
  // In no folder of a workspace, where a program could find settings of somebody else.
  const options = { directory: homedir(), environment, timeout };
  const { exitCode, stdout, timedOut } = await tryCapture(words, options);
  if (timedOut) throw failure(`did not answer within ${timeout} s`);
  if (exitCode !== 0) throw failure(`failed with exit code ${exitCode}`);
  if (!isUtf8(Buffer.from(stdout)) || stdout.includes("\ufffd"))
    throw failure("returned something that is no text");
  const value = firstLine ? stdout.replace(/\r?\n.*$/s, "") : stdout.replace(/\r?\n$/, "");
  if (value === "") throw failure("returned nothing");
  return value;
}
