import type { Image } from "../image/image.ts";
import type { Execution } from "../run/execution.ts";
import { tools } from "../toolchain/tools.ts";
import { defaultImage } from "../workspace/poly/schema/container.ts";

/** How an action failed, as the rest of a sentence, and a hint if there is one. */
export type ActionFailure = { readonly message: string; readonly hint: string | undefined };

/** Returns what the exit code of a container that ran means. */
export function explainFailure(
  { exitCode, tail, outOfMemory }: Pick<Execution, "exitCode" | "tail" | "outOfMemory">,
  { reference, build }: Image,
): ActionFailure {
  const message = `failed with exit code ${exitCode}`;
  if (exitCode === 137 && outOfMemory === true) {
    return {
      message: "ran out of memory (SIGKILL, exit code 137)",
      hint: "raise `config.container.memory`, or that of the action, or let it use less",
    };
  }
  if (exitCode === 137) {
    return {
      message: "was killed (SIGKILL, exit code 137)",
      hint: "it may have run out of memory, or been killed by `docker kill` or by the action itself",
    };
  }
  if (exitCode !== 127) return { message, hint: undefined };
  const dockerfile = build?.context.dockerfile ?? "Dockerfile.poly";
  const install = `install it in ${build === undefined ? "a " : ""}\`${dockerfile}\``;
  const missing = missingProgram(tail);
  if (missing === undefined) {
    return {
      message,
      hint: `exit code 127 usually means that a program was not found: see the output, and ${install}`,
    };
  }
  return {
    message: `${message}: \`${missing}\` was not found in image \`${reference}\``,
    hint: toolchainPrograms.has(missing) ? `${haveIt}; or ${install}` : install,
  };
}

/**
 * The program that the shell did not find, from its message: `script: line 3: x: command not found` (bash), `script: line 3: x: not
 * found` (ash), `script: 3: x: not found` (dash), `sh: x: not found`, `env: 'x': No such file or directory`.
 */
function missingProgram(tail: string): string | undefined {
  const shells = /^(?:\S+: (?:line )?\d+|\S*sh): (?:exec: )?(.+?): (?:command )?not found\r?$/gm;
  const env = /^env: (?:can't execute )?['\u2018](.+?)['\u2019]: No such file or directory\r?$/gm;
  return [...tail.matchAll(shells), ...tail.matchAll(env)].at(-1)?.[1];
}

const haveIt = `use the official image \`${defaultImage}\` or one from \`polycrate toolchain build\`, which contain it`;

/** Some packages of the toolchain contain several programs. */
const toolchainPrograms: ReadonlySet<string> = new Set([
  ...tools.map(({ name }) => name),
  "ansible-inventory",
  "ansible-vault",
]);
