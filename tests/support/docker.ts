import { call, type Folder } from "./harness.ts";

/** The names of all containers of runs of the workspace in this folder, running or not; without warm ones, which stay. */
export async function containersOf(folder: Folder): Promise<readonly string[]> {
  const { stdout } = await call([
    "docker",
    "ps",
    "--all",
    "--filter",
    `label=polycrate.workspace=${folder.path}`,
    "--filter",
    "label=polycrate.transaction",
    "--format={{.Names}}",
  ]);
  return stdout.split("\n").filter((line) => line !== "");
}
