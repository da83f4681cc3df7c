import { call, type Folder } from "./harness.ts";

/** The names of the warm containers of the workspace in this folder. */
export async function warmContainersOf(folder: Folder): Promise<readonly string[]> {
  const { stdout } = await call([
    ...["docker", "ps", "--all", "--format={{.Names}}"],
    ...[`--filter=label=polycrate.workspace=${folder.path}`, "--filter=label=polycrate.warm"],
  ]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Every variable of every process in the container, as root sees them. */
export async function environmentsIn(container: string): Promise<string> {
  const read = 'for one in /proc/[0-9]*/environ; do tr "\\0" "\\n" <"$one"; done 2>/dev/null; :';
  return (await call(["docker", "exec", "--user=0", container, "sh", "-c", read])).stdout;
}

/** Waits until the container has ended, however that comes about, and is removed. */
export async function ended(container: string): Promise<void> {
  await call(["docker", "wait", container]);
  while ((await call(["docker", "container", "inspect", container])).exitCode === 0) await Bun.sleep(50);
}

/** Removes what a test has kept warm. */
export async function endWarm(folder: Folder): Promise<void> {
  for (const name of await warmContainersOf(folder)) await call(["docker", "rm", "--force", name]);
}
