import { ask } from "../host/capture.ts";
import type { Host } from "../host/stdio.ts";
import { workspaceLabel } from "../plan/planBuild.ts";

/** An image that polycrate built for a workspace; `size` is in bytes, with the layers that it shares with others. */
export type WorkspaceImage = {
  readonly id: string;
  readonly references: readonly string[];
  readonly created: Date;
  readonly size: number;
};

/** Returns the images that were built for the workspace, the newest first; none when the engine does not answer. */
export async function workspaceImages(workspace: string, host: Host): Promise<readonly WorkspaceImage[]> {
  const options = { directory: workspace, environment: host.environment };
  const filter = `--filter=label=${workspaceLabel}=${workspace}`;
  const listed = await ask(["docker", "image", "ls", "--quiet", "--no-trunc", filter], options);
  const ids = [...new Set(listed.stdout.split("\n").filter((line) => line !== ""))];
  if (ids.length === 0) return [];
  const format = "[{{json .Id}},{{json .RepoTags}},{{json .Created}},{{json .Size}}]";
  const { stdout } = await ask(["docker", "image", "inspect", `--format=${format}`, ...ids], options);
  const images = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => readImage(JSON.parse(line)));
  return images.sort((a, b) => b.created.getTime() - a.created.getTime());
}

function readImage([id, references, created, size]: readonly [
  string,
  readonly string[] | null,
  string,
  number,
]): WorkspaceImage {
  return { id, references: references ?? [], created: new Date(created), size };
}
