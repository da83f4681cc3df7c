import type { Image } from "../image/image.ts";
import type { Execution } from "../run/execution.ts";
import { tools } from "../toolchain/tools.ts";
import { defaultImage } from "../workspace/poly/schema/container.ts";

/** How an action failed, as the rest of a sentence, and what to do where that can be told. */
export type ActionFailure = { readonly message: string; readonly hint: string | undefined };

/** Returns what the exit code of a container that ran means. */
export function explainFailure(
  { exitCode, tail }: Pick<Execution, "exitCode" | "tail">,
  { reference, build }: Image,
): ActionFailure {
  const message = `failed with exit code ${exitCode}`;
  if (exitCode === 137) {
    return {
      message: "was killed (SIGKILL, exit code 137)",
      hint: "the kernel kills what takes more memory than there is; `docker kill` and the action itself can too",
    };
  }
  if (exitCode !== 127) return { message, hint: undefined };
  const dockerfile = build?.context.dockerfile ?? "Dockerfile.poly";
  const install = `install it in ${build === undefined ? "a " : ""}\`${dockerfile}\``;
  const missing = missingProgram(tail);
  if (missing === undefined) {
    return {
      message,
      hint: `shells end with 127 when they do not find a program: see the output; ${install}`,
    };
  }
  return {
    message: `${message}: the image \`${reference}\` has no \`${missing}\``,
    hint: toolchainPrograms.has(missing) ? `${haveIt}; or ${install}` : install,
  };
}

/**
 * What the shell did not find, by its complaint: `script: line 3: x: command not found` (bash), `script: line 3: x: not
 * found` (ash), `script: 3: x: not found` (dash), `sh: x: not found`, `env: 'x': No such file or directory`.
 */
function missingProgram(tail: string): string | undefined {
  const shells = /^(?:\S+: (?:line )?\d+|\S*sh): (?:exec: )?(.+?): (?:command )?not found\r?$/gm;
  const env = /^env: (?:can't execute )?['\u2018](.+?)['\u2019]: No such file or directory\r?$/gm;
  return [...tail.matchAll(shells), ...tail.matchAll(env)].at(-1)?.[1];
}

const haveIt = `the official image has it: \`${defaultImage}\`; so has the one that \`polycrate toolchain build\` makes`;

/** Some packages of the toolchain bring several programs. */
const toolchainPrograms: ReadonlySet<string> = new Set([
  ...tools.map(({ name }) => name),
  "ansible-inventory",
  "ansible-vault",
]);
