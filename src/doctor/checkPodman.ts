import { isOlderThan } from "../engine/server.ts";
import { type CheckResult, error, ok, warning } from "./checkResult.ts";
import type { DockerFacts, EngineFacts } from "./engineFacts.ts";

/** Checks podman's client, which runs containers itself, and what it maps. A pure function. */
export function checkPodman(
  { client, engine, refusal }: DockerFacts,
  { uid }: { readonly uid: number },
): readonly CheckResult[] {
  if (client === undefined) {
    const message = refusal === "" ? "`podman` was not found on PATH" : `\`podman info\` failed: ${refusal}`;
    return [error("client", message, "install podman, or add its folder to PATH")];
  }
  const { version } = client;
  const text = `podman ${version}`;
  const checked = isOlderThan(version, 4, 3)
    ? warning("client", `${text}, which is older than 4.3`, "update podman: older ones have not been tried")
    : ok("client", text);
  if (engine === undefined) {
    const [reason = ""] = refusal.split("\n");
    return [checked, error("engine", `podman does not work: ${reason}`, "`podman info` shows what is wrong")];
  }
  return [checked, ok("engine", podmanText(engine)), checkUsers(engine, uid), limits];
}

function podmanText({ rootless, system }: EngineFacts): string {
  return `podman itself, ${rootless ? "rootless" : "as root"}, ${system}`;
}

function checkUsers({ rootless, mappedIds }: EngineFacts, uid: number): CheckResult {
  if (!rootless) return ok("files", "you and the actions are root, which owns the files they write");
  if (mappedIds !== undefined && mappedIds < 65_536) {
    const message = `podman maps only ${mappedIds} ids for uid ${uid}, so images with other users cannot be unpacked`;
    const fix =
      "`sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER`, then `podman system migrate`";
    return warning("files", message, fix);
  }
  return ok("files", "podman maps root to you, so you own the files that actions write as root");
}

const limits: CheckResult = {
  ...ok("limits", "no caches, no warm containers, no registry of blocks, no contexts"),
  fix: "`polycrate help engines` says what each engine can do",
};
