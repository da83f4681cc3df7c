import { exitCodes, PolycrateError } from "../errors.ts";
import type { Arg } from "../host/arg.ts";
import type { FetchStep } from "../plan/remote/steps.ts";
import { landArchive } from "../transfer/land.ts";
import type { Incomplete, Landed, Landing } from "../transfer/landing.ts";
import type { Manifest } from "../transfer/manifest.ts";
import type { ClientOptions } from "./client.ts";
import { type QuietContext, runQuietClient } from "./quietClient.ts";

/**
 * Fetches what changed in the workspace of a container by the list that its entrypoint made, and without a complete one by comparing
 * the whole workspace. Throws (73, 74), with nothing changed here unless the disk is full.
 */
export async function fetchChanges(
  { argv, whole, back }: Pick<FetchStep, "argv" | "whole" | "back">,
  manifest: Manifest,
  options: ClientOptions,
  context: QuietContext,
): Promise<Landed> {
  const fetch = (command: readonly Arg[], form: Landing["form"], prefix: string) =>
    fetchArchive(command, { ...back, root: options.workspace, manifest, form, prefix }, options, context);
  const noted = await fetch(argv, "changes", back.noted);
  if ("fetched" in noted) return noted;
  const landed = await fetch(whole, "whole", back.workspace);
  if (!("fetched" in landed)) throw new Error("a whole workspace is never incomplete");
  return { ...landed, files: noted.files };
}

/** docker prints the reason when it has no archive to print. */
async function fetchArchive(
  argv: readonly Arg[],
  landing: Landing,
  options: ClientOptions,
  context: QuietContext,
): Promise<Landed | Incomplete> {
  let failure: PolycrateError | undefined;
  const read = async (stdout: AsyncIterable<Uint8Array>) => {
    failure = undefined;
    try {
      return await landArchive(stdout, landing);
    } catch (error) {
      if (!(error instanceof PolycrateError)) throw error;
      failure = error;
      for await (const _ of stdout);
      return { files: new Map() };
    }
  };
  const { exitCode, tail, result } = await runQuietClient(argv, options, { read }, context);
  if (exitCode !== 0) {
    const [reason = `docker exited with code ${exitCode}`] = tail.split("\n").filter((line) => line !== "");
    throw new PolycrateError(reason.trim(), { exitCode: exitCodes.cannotFetch });
  }
  if (failure !== undefined) throw failure;
  return result;
}
