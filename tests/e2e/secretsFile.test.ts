import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesWith, processesWith } from "../support/canary.ts";
import { executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { canary, secretsFolder } from "../support/secrets.ts";

/** A workspace with a canary in every place that `secrets.poly` has; the action `use` waits for the file `go`. */
function workspaceOfSecrets(action: string): Folder {
  return makeFolder({
    "workspace.poly": workspaceWith(action),
    "secrets.poly": `
config:
  globals: {key: ${canary}-globals}
  container: {env: {TOKEN: ${canary}-env}}
blocks:
  - name: b
    config:
      password: ${canary}-block
      stage: production
      port: 12345
      key: |
        first-line-of-${canary}
        second-line-of-${canary}
`,
  });
}

test("secrets are real in the container's snapshot, which is in memory, and masked everywhere else, during a run and after it", async () => {
  using folder = workspaceOfSecrets(
    `
- name: use
  script:
    - cat "$POLYCRATE_SNAPSHOT_FILE"; echo "the stage is production at 12345 with $TOKEN" >&2
    - grep snapshot /proc/mounts; mkdir -p artifacts/blocks/b; echo x > artifacts/blocks/b/of-production
    - until [ -e go ]; do sleep 0.05; done; exit 3`,
  );
  const temporary = join(dirname(folder.path), "temporary");
  const cache = join(dirname(folder.path), "cache");
  folder.write("../temporary/x", "");
  const env = {
    ...process.env,
    CI: undefined,
    TMPDIR: temporary,
    XDG_CACHE_HOME: cache,
    XDG_RUNTIME_DIR: undefined,
  };
  const child = Bun.spawn([executable, "run", "b", "use", "--report=html=report.html"], {
    ...{ cwd: folder.path, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
  const [stdout, stderr] = [new Response(child.stdout).text(), new Response(child.stderr).text()];
  while (folder.glob(".logs/**/*.log").every((log) => !folder.read(log).includes("snapshot.yml tmpfs")))
    await Bun.sleep(50);
  const onDisk = [folder.path, temporary, cache];
  expect(filesWith(canary, onDisk)).toEqual([join(folder.path, "secrets.poly")]);
  // Only the variable is where processes see it: in the environment of docker's client and of the action.
  expect(processesWith(`${canary}-block`)).toEqual([]);
  expect(processesWith(`${canary}-env`).every((place) => place.endsWith("/environ"))).toBe(true);
  folder.write("go", "");
  expect(await child.exited).toBe(3);
  expect(filesWith(canary, onDisk)).toEqual([join(folder.path, "secrets.poly")]);
  const shown = (await stdout) + (await stderr);
  expect(shown).not.toContain(canary);
  expect(shown).toContain("password: ***\n");
  expect(shown).toContain("the stage is *** at *** with ***\n");
  expect(
    readdirSync(`/dev/shm/polycrate-${process.getuid?.()}`, { recursive: true }).filter((name) =>
      String(name).endsWith(".yml"),
    ),
  ).toEqual([]);
  for (const words of [
    ["inspect", "b"],
    ["inspect", "--output=json"],
    ["inspect", "b", "--explain"],
    ["snapshot", "b", "use"],
    ["run", "b", "use", "--dry-run"],
    ["validate"],
    ["history", "--output=json"],
    ["report"],
    ["list", "--output=json"],
  ]) {
    const printed = await folder.run(words);
    expect(printed.exitCode).toBe(0);
    expect(printed.stdout + printed.stderr).not.toContain(canary);
  }
});

test("a file that is kept encrypted is in clear text where the action finds it, in memory, and nowhere else", async () => {
  using folder = secretsFolder({
    "w/artifacts/secrets/certs/key.pem": `-----BEGIN-----\n${canary}\n-----END-----\n`,
    "w/workspace.poly": workspaceWith(`
- name: sign
  script:
    - cat artifacts/secrets/certs/key.pem; grep key.pem /proc/mounts; echo x > artifacts/secrets/certs/key.pem || true`),
  });
  const file = "w/artifacts/secrets/certs/key.pem";
  expect((await folder.polycrate(["secrets", "encrypt", file])).exitCode).toBe(0);
  const signed = await folder.polycrate(["run", "b", "sign"]);
  expect(signed.stdout).toStartWith("***\n");
  expect(signed.stdout).toContain(`tmpfs /workspace/artifacts/secrets/certs/key.pem tmpfs ro`);
  expect(signed.stderr).toContain("Read-only file system");
  expect(filesWith(canary, [folder.path])).toEqual([]);
  expect(folder.read(file)).toBe("");
  const printed = await folder.polycrate(["run", "b", "sign", "--dry-run"], {
    env: { AGE_KEY_FILE: "/nowhere" },
  });
  expect(printed).toMatchObject({ exitCode: 0 });
  expect(printed.stdout).toContain("# secrets are in no script: this file has *** in their place");
});
