import { chmodSync } from "node:fs";
import { join } from "node:path";
import { ageIdentity } from "./ageKeys.ts";
import { type CallOptions, type Folder, makeFolder, workspaceWith } from "./harness.ts";

/** A value that must be nowhere in clear text. */
export const canary = "canary-9c41d2e7-value";

/** A `secrets.poly` with it. */
export const secretsText = `blocks:
  - name: b
    config:
      password: ${canary}
`;

/** A folder `w` with a workspace, beside a home with an identity; `w` in `run` calls polycrate there, with that home. */
export function secretsFolder(files: Readonly<Record<string, string>> = {}): Folder & {
  readonly polycrate: (words: readonly string[], options?: CallOptions) => ReturnType<Folder["run"]>;
  readonly environment: Readonly<Record<string, string | undefined>>;
} {
  const folder = makeFolder({
    "w/workspace.poly": workspaceWith('- {name: show, script: "cat $POLYCRATE_SNAPSHOT_FILE"}'),
    "home/.config/polycrate/identity.txt": `${ageIdentity}\n`,
    "run/x": "",
    ...files,
  });
  const runtime = join(folder.path, "run");
  chmodSync(runtime, 0o700);
  const environment = {
    ...{ HOME: join(folder.path, "home"), XDG_RUNTIME_DIR: undefined, TMPDIR: runtime, USER: "anna" },
    ...{
      AGE_KEY_FILE: undefined,
      POLYCRATE_AGE_KEY: undefined,
      XDG_CONFIG_HOME: undefined,
      VISUAL: undefined,
    },
  };
  return {
    ...folder,
    environment,
    polycrate: (words, options) =>
      folder.run([...words, "--workspace=w"], { ...options, env: { ...environment, ...options?.env } }),
  };
}
