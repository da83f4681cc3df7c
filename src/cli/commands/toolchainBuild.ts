import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { defineCommand } from "citty";
import { docker } from "../../engine/docker.ts";
import { didYouMean, exitCodes, PolycrateError, printable } from "../../errors.ts";
import { thisHost } from "../../host/stdio.ts";
import type { Plan } from "../../plan/plan.ts";
import { buildOutputOf } from "../../run/buildView.ts";
import { listenForStops } from "../../run/cancellation.ts";
import type { Execution } from "../../run/executionContext.ts";
import { noLog } from "../../run/outputRelay.ts";
import { noNews, runPlan, verdictOf } from "../../run/runPlan.ts";
import { type GivenDownload, readDownloads } from "../../toolchain/downloads.ts";
import { planToolchainBuild } from "../../toolchain/planToolchain.ts";
import { downloads, fileNamesOf, optionalParts } from "../../toolchain/tools.ts";
import { version } from "../../version.ts";
import { dryRunFlags, quietFlags } from "../flags.ts";
import { type Loudness, readLoudness } from "../output/notices.ts";
import type { CommandData } from "../parseArgs.ts";
import { printDryRun } from "../running/runAction.ts";
import { toolchainReference } from "../toolchainReference.ts";

export default defineCommand({
  meta: {
    name: "toolchain build",
    description:
      "Build the toolchain image, and print its reference, which is what `config.container.image` is to say.",
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
      description: "Build on this image of Debian 13 instead of debian:trixie-slim.",
    },
    only: {
      type: "string",
      valueHint: "PART,…",
      description: `Build these parts and the shell: ${optionalParts.join(", ")}.`,
    },
    without: { type: "string", valueHint: "PART,…", description: "Build all parts but these." },
    downloads: {
      type: "string",
      valueHint: "DIR",
      description: "Take downloads from this folder where it has them; they are checked all the same.",
    },
    "no-cache": { type: "boolean", description: "Use nothing of earlier builds." },
    ...dryRunFlags,
    ...quietFlags,
    verbose: { type: "boolean", description: "Show all of docker's output." },
  },
  run: async ({ args, data }) => {
    const loudness = readLoudness(args);
    const { all }: CommandData = data;
    const parts = partsOf(all("only"), all("without"));
    const plan = planToolchainBuild(docker, {
      reference: args.tag,
      base: args.base,
      parts,
      given: args.downloads === undefined ? [] : await givenDownloads(args.downloads, parts),
      noCache: args["no-cache"] === true,
      version,
      temporary: realpathSync(tmpdir()),
      name: `polycrate-toolchain-${crypto.randomUUID()}`,
    });
    return args["dry-run"] === true
      ? printDryRun({ title: plan.title, plans: [plan], goOn: false })
      : build(plan, args.tag, loudness);
  },
});

/** Returns the parts to build. Throws (64) when a flag names an unknown one, and when both flags are given. */
function partsOf(only: readonly string[], without: readonly string[]): readonly string[] {
  if (only.length > 0 && without.length > 0) {
    throw new PolycrateError("`--only` and `--without` are two ways to say one thing", {
      hint: "write one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const named = [...only, ...without].flatMap((text) => text.split(",")).filter((part) => part !== "");
  for (const part of named) refuseUnknown(part);
  return optionalParts.filter((part) => only.length > 0 === named.includes(part));
}

function refuseUnknown(part: string): void {
  if (optionalParts.includes(part)) return;
  throw new PolycrateError(`the toolchain has no part \`${part}\``, {
    hint: didYouMean(part, optionalParts) ?? `its parts are ${optionalParts.join(", ")}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** Which processor the engine has is not known here, so what there is for any of them goes along. */
async function givenDownloads(folder: string, parts: readonly string[]): Promise<readonly GivenDownload[]> {
  const wanted = downloads.filter(({ part }) => parts.includes(part));
  return readDownloads(resolve(folder), fileNamesOf(wanted));
}

async function build(plan: Plan, reference: string, loudness: Loudness): Promise<number> {
  const watch = {
    container: "",
    status: "",
    terminal: { interactive: false, isTerminal: false },
    stopTimeout: 10,
    timeout: undefined,
    verbose: false,
    buildOutput: buildOutputOf(process.stderr, loudness),
  };
  const host = thisHost();
  using stopping = listenForStops(host, watch.stopTimeout);
  const execution = await runPlan(plan, watch, { host, stopping, log: noLog, ...noNews });
  const { exitCode } = verdictOf(execution);
  if (exitCode === 0) process.stdout.write(`${reference}\n`);
  else if (execution.stopped === undefined) reportFailure(exitCode, execution);
  return exitCode;
}

/** A download that failed has said its error and its hint; among docker's output they are easily missed. */
function reportFailure(exitCode: number, { tail, exitCode: dockers }: Execution): void {
  const [, message, hint] =
    /error: (.+)\n(?:.*\n)??.*hint: (.+)/.exec(tail) ??
    (exitCode === exitCodes.noDocker
      ? ["", "the docker engine does not answer", "start it, or see `docker context ls` and DOCKER_HOST"]
      : [
          "",
          `the toolchain image could not be built (docker ended with exit code ${dockers})`,
          "docker's output above says why",
        ]);
  process.stderr.write(printable(`error: ${message}\nhint: ${hint}\n`, true));
}
