import { changesSince, filesLabel } from "../../plan/image.ts";
import type { BuildContext } from "../../workspace/context/buildContext.ts";
import { ask } from "../ask.ts";
import type { Host } from "../host.ts";

/** Returns why the image of a workspace has to be built, as a clause: what changed since the one it built last. */
export async function buildReason(workspace: string, context: BuildContext, host: Host): Promise<string> {
  const [last] = await workspaceImages(workspace, host);
  if (last === undefined) return "this workspace has no image yet";
  return changesSince(last.files, context) ?? "its content changed";
}

/** An image that polycrate built for a workspace. */
export type WorkspaceImage = {
  readonly id: string;
  readonly references: readonly string[];
  readonly created: Date;
  readonly files: string;
};

/** Returns the images that were built for the workspace, the newest first; none when the engine does not answer. */
export async function workspaceImages(workspace: string, host: Host): Promise<readonly WorkspaceImage[]> {
  const { environment, cancelled } = host;
  const options = { directory: workspace, environment, cancelled };
  const filter = `--filter=label=polycrate.workspace=${workspace}`;
  const listed = await ask(["docker", "image", "ls", "--quiet", "--no-trunc", filter], options);
  const ids = [...new Set(listed.stdout.split("\n").filter((line) => line !== ""))];
  if (ids.length === 0) return [];
  const format = `[{{json .Id}},{{json .RepoTags}},{{json .Created}},{{json (index .Config.Labels "${filesLabel}")}}]`;
  const { stdout } = await ask(["docker", "image", "inspect", `--format=${format}`, ...ids], options);
  const images = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => readImage(JSON.parse(line)));
  return images.sort((a, b) => b.created.getTime() - a.created.getTime());
}

function readImage([id, references, created, files]: readonly [
  string,
  readonly string[] | null,
  string,
  string,
]): WorkspaceImage {
  return { id, references: references ?? [], created: new Date(created), files };
}
