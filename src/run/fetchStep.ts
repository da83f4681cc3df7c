import { PolycrateError } from "../errors.ts";
import { replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { type Plan, secretValues } from "../plan/plan.ts";
import type { FetchStep } from "../plan/remote/steps.ts";
import { maskedTexts } from "../secrets/mask.ts";
import { readManifest } from "../transfer/manifest.ts";
import { readStatus } from "./containerStatus.ts";
import type { ExecutionContext } from "./context.ts";
import type { Execution } from "./execution.ts";
import { fetchChanges } from "./fetchChanges.ts";
import { largestNote } from "./fetchLeft.ts";
import { readRecap } from "./recap.ts";

/**
 * Fetches what the action changed, and what the entrypoint noted; returns the execution with that. If it cannot be fetched, the
 * execution says so, and the container is to stay.
 */
export async function fetchFiles(
  plan: Plan,
  step: FetchStep,
  execution: Execution,
  context: ExecutionContext,
): Promise<Execution> {
  const { engine, workspace, runDirectory } = plan;
  const { emit, host } = context;
  if (runDirectory === undefined) throw new Error("files are fetched without a run directory");
  const { root, path } = runDirectory;
  const options = { engine, directory: workspace, workspace, environment: host.environment };
  // Without a note of what was sent, whatever is here and differs stays.
  const manifest = readManifest(readOwnText(root, `${path}/${step.note}`, largestNote) ?? "") ?? new Map();
  try {
    const { files, ...landed } = await fetchChanges(step, manifest, options, context);
    for (const name of ["status", "recap"]) {
      const text = files.get(name);
      if (text !== undefined) replaceFile(root, `${path}/status/${name}`, text, 0o600, "later");
    }
    emit({ type: "fetched", ...landed });
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    const { context } = engine.endpoint;
    const left = { container: step.container, context, by: "fetch", reason: error.message } as const;
    return { ...execution, started: true, left };
  }
  const notesEnd = execution.step?.kind === "attach" && execution.step.notesEnd;
  const status = `${root}/${path}/status/status`;
  const hosts = readRecap(status, maskedTexts(secretValues(plan)));
  if (hosts.length > 0) emit({ type: "recap", hosts });
  return { ...execution, ...readStatus({ status, notesEnd }, execution.exitCode) };
}
