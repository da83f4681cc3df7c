import { chmodSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, workspaceWith } from "./harness.ts";

/** A workspace without findings. */
export const healthyWorkspace = { "workspace.poly": workspaceWith("- {name: greet, script: echo hi}") };

type Report = {
  healthy: boolean;
  findings: { check: string; level: string; message: string; cure: string | null }[];
};

/** What `polycrate doctor` reports of a workspace with these files; keys in it are readable by others. */
export async function examine(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
) {
  using folder = makeFolder(files);
  for (const key of folder.glob("id_rsa")) chmodSync(join(folder.path, key), 0o644);
  const { stdout, exitCode } = await folder.run(["doctor", "--output=json"], { env });
  const { healthy, findings }: Report = JSON.parse(stdout.replaceAll(folder.path, "WORKSPACE"));
  const find = (check: string) => findings.find((finding) => finding.check === check);
  return { healthy, exitCode, find, checks: findings.map(({ check }) => check) };
}
