import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { defineCommand } from "citty";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { findEngine } from "../../run/findEngine.ts";
import { type GivenDownload, readDownloads } from "../../toolchain/downloads.ts";
import { planToolchainBuild } from "../../toolchain/planToolchain.ts";
import { downloads, fileNamesOf, optionalParts } from "../../toolchain/tools.ts";
import { version } from "../../version.ts";
import { contextFlags, dryRunFlags, quietFlags } from "../flags.ts";
import { readVerbosity } from "../output/messages.ts";
import type { Summarize } from "../output/runView.ts";
import type { CommandData } from "../parseArgs.ts";
import { runOrPrintPlan } from "../runOrPrint.ts";
import { toolchainReference } from "../toolchainReference.ts";

export default defineCommand({
  meta: {
    name: "toolchain build",
    description: "Build the toolchain image and print its reference, for use in `config.container.image`.",
  },
  args: {
    tag: {
      type: "string",
      valueHint: "REF",
      description: "The image's reference.",
      default: toolchainReference,
    },
    base: {
      type: "string",
      valueHint: "IMAGE",
      description: "Build from this image of Debian 13 instead of debian:trixie-slim.",
    },
    only: {
      type: "string",
      valueHint: "PART,…",
      description: `Build only these parts and the shell: ${optionalParts.join(", ")}.`,
    },
    without: { type: "string", valueHint: "PART,…", description: "Build all parts except these." },
    downloads: {
      type: "string",
      valueHint: "DIR",
      description: "Use the files in this folder instead of downloading them. Their checksums are verified.",
    },
    "no-cache": { type: "boolean", description: "Do not use the build cache." },
    ...contextFlags,
    ...dryRunFlags,
    ...quietFlags,
    verbose: { type: "boolean", description: "Show all of docker's output." },
  },
  run: async ({ args, data }) => {
    const verbosity = readVerbosity(args);
    const program: CommandData = data;
    const { all } = program;
    const parts = partsOf(all("only"), all("without"));
    const plan = planToolchainBuild(findEngine(undefined, { program: args.engine, flag: args.context }), {
      reference: args.tag,
      base: args.base,
      parts,
      given: args.downloads === undefined ? [] : await givenDownloads(args.downloads, parts),
      noCache: args["no-cache"] === true,
      version,
      temporary: realpathSync(tmpdir()),
      name: `polycrate-toolchain-${crypto.randomUUID()}`,
    });
    const dryRun = args["dry-run"] === true;
    const exitCode = await runOrPrintPlan(plan, { ...verbosity, dryRun, summarize }, program);
    if (exitCode === 0 && !dryRun) stdout.write(`${args.tag}\n`);
    return exitCode;
  },
});

/** Returns the parts to build. Throws (64) when a flag names an unknown one, and when both flags are given. */
function partsOf(only: readonly string[], without: readonly string[]): readonly string[] {
  if (only.length > 0 && without.length > 0) {
    throw new PolycrateError("`--only` and `--without` cannot be used together", {
      hint: "use only one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const named = [...only, ...without].flatMap((text) => text.split(",")).filter((part) => part !== "");
  for (const part of named) refuseUnknown(part);
  return optionalParts.filter((part) => only.length > 0 === named.includes(part));
}

function refuseUnknown(part: string): void {
  if (optionalParts.includes(part)) return;
  throw new PolycrateError(`unknown toolchain part \`${part}\``, {
    hint: didYouMean(part, optionalParts) ?? `use one of ${optionalParts.join(", ")}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** The engine's architecture is not known here, so the downloads for all architectures are passed on. */
async function givenDownloads(folder: string, parts: readonly string[]): Promise<readonly GivenDownload[]> {
  const wanted = downloads.filter(({ part }) => parts.includes(part));
  return readDownloads(resolve(folder), fileNamesOf(wanted));
}

/** A failed download printed its error and hint in the middle of docker's output, where they are easily missed. */
const summarize: Summarize = (_, { exitCode, execution }, messages) => {
  if (exitCode === 0 || execution === undefined || execution.stopped !== undefined) return;
  const [, message, hint] =
    /error: (.+)\n(?:.*\n)??.*hint: (.+)/.exec(execution.tail) ??
    (exitCode === exitCodes.noDocker
      ? ["", "cannot connect to the docker engine", "start it, or see `docker context ls` and DOCKER_HOST"]
      : [
          "",
          `the toolchain image could not be built (docker exited with code ${execution.exitCode})`,
          "see docker's output above",
        ]);
  messages.error(`error: ${message}\nhint: ${hint}`);
};
