import type { BuildContext } from "../workspace/context/buildContext.ts";
import { changesBetween } from "../workspace/context/contextChanges.ts";
import type { Step } from "./plan.ts";
import type { Word } from "./words.ts";

/** The image of a run: a reference and, when it is ours to make, how. */
export type Image = { readonly reference: string; readonly build: DockerBuild | undefined };

export type DockerBuild = {
  readonly context: BuildContext;
  readonly labels: ReadonlyMap<string, string>;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** `always` builds though the image is there; `never` refuses to. */
  readonly when: "missing" | "always" | "never";
};

const workspaceRepository = "polycrate-workspace";

/** Returns the tag of the image that is built from this context: equal contexts give equal tags. */
export function tagOf(context: BuildContext): string {
  return `${workspaceRepository}:${context.hash.slice(0, 32)}`;
}

/** The label with the digests of what the image was built from. */
export const filesLabel = "polycrate.files";

/** One word of a command may have 128 KiB on Linux; larger contexts go without the explanation. */
const longestLabel = 100_000;

/** Returns the labels of an image that is built from the context for a workspace, which is an absolute path. */
export function labelsOf(workspace: string, context: BuildContext, now: Date): ReadonlyMap<string, string> {
  const files = JSON.stringify(Object.fromEntries(shortDigests(context)));
  return new Map([
    ["polycrate.workspace", workspace],
    ["polycrate.hash", context.hash],
    ["polycrate.created", now.toISOString()],
    ...(files.length > longestLabel ? [] : [[filesLabel, files] as const]),
  ]);
}

/** Returns what is different since an image with that `polycrate.files` label; undefined when the label does not tell. */
export function changesSince(label: string, context: BuildContext): string | undefined {
  const before = readFilesLabel(label);
  return before === undefined
    ? undefined
    : changesBetween(before, { ...context, digests: shortDigests(context) });
}

/** Twelve digits of a digest are enough to see a change; the tag alone decides what is built. */
function shortDigests({ digests }: BuildContext): ReadonlyMap<string, string> {
  const shorten = (digest: string) => digest.replace(/[0-9a-f]{64}/, (hex) => hex.slice(0, 12));
  return new Map(Array.from(digests, ([path, digest]) => [path, shorten(digest)]));
}

function readFilesLabel(label: string): ReadonlyMap<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(label);
    if (typeof value !== "object" || value === null) return undefined;
    return new Map(Object.entries(value).map(([path, digest]) => [path, String(digest)]));
  } catch {
    return undefined;
  }
}

/** Returns the docker build of an image, or nothing when the image is somebody else's. */
export function planBuild({ reference, build }: Image): readonly Step[] {
  if (build === undefined || build.when === "never") return [];
  const argv: readonly Word[] = [
    "docker",
    "build",
    `--tag=${reference}`,
    `--tag=${workspaceRepository}:latest`,
    ...Array.from(build.labels, ([name, value]) => `--label=${name}=${value}`),
    // The classic builder keeps the container of an instruction that failed, unless it is told not to.
    "--force-rm",
    ...(build.noCache ? ["--no-cache"] : []),
    ...(build.pull ? ["--pull"] : []),
    `--file=${build.context.dockerfile}`,
    "-",
  ];
  const step: Step = { name: "build", argv, environment: [], stdin: build.context };
  return [
    build.when === "always"
      ? step
      : { ...step, unless: ["docker", "image", "inspect", "--format={{.Id}}", reference] },
  ];
}
