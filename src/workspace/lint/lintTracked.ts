import { basename } from "node:path";
import type { GitFacts } from "../../host/gitFacts.ts";
import type { Workspace } from "../load.ts";
import type { Problem } from "../poly/problems.ts";
import { readPolyText } from "../poly/readPolyText.ts";
import { clearActionFiles } from "../secrets/encryptedFiles.ts";
import { secretsFile } from "../secrets/secretsFile.ts";

/** Returns the paths that git should ignore, relative to the workspace. */
export function privateFiles(workspace: Workspace): readonly string[] {
  return [...ignorable(workspace).values(), ...clearSecrets(workspace)];
}

/** The files of the workspace with secrets in clear text: also those that are or will be kept encrypted. */
function clearSecrets({ path, layout, secrets }: Workspace): readonly string[] {
  return [
    ...(secrets?.file.path === secretsFile ? [secretsFile] : []),
    ...clearActionFiles(path, layout.artifactsRoot),
  ];
}

/** The patterns that git should ignore, each with a path that it matches. */
function ignorable({ layout }: Workspace): ReadonlyMap<string, string> {
  const { privateKey, logsRoot } = layout;
  return new Map([
    [".snapshot.yml", ".snapshot.yml"],
    ...(privateKey.startsWith("/") || privateKey.startsWith("..") ? [] : [[privateKey, privateKey] as const]),
    [`${logsRoot}/`, `${logsRoot}/2026/record.yml`],
  ]);
}

/** Returns secrets that git tracks or does not ignore, and a Dockerfile (relative to the workspace) that it does not track. */
export function lintTracked(
  workspace: Workspace,
  { tracked, ignored }: GitFacts,
  dockerfile: string | undefined,
): readonly Problem[] {
  const secrets = [...tracked].filter((path) => isSecret(workspace, path));
  const open = [...ignorable(workspace)].flatMap(([pattern, path]) =>
    ignored.has(path) || secrets.includes(pattern) ? [] : [pattern],
  );
  const clear = clearSecrets(workspace).filter((path) => tracked.has(path) || !ignored.has(path));
  return [
    ...clear.map((file) => openSecrets(file, tracked.has(file))),
    ...secrets.map(trackedSecret),
    ...(dockerfile === undefined || tracked.has(dockerfile) ? [] : [untrackedDockerfile(dockerfile)]),
    ...(open.length === 0 ? [] : [missingIgnores(open)]),
  ];
}

function openSecrets(file: string, isTracked: boolean): Problem {
  const ignore = `add \`${file}\` to \`.gitignore\``;
  const untrack = `replace the secrets where they are used, \`git rm --cached ${file}\`, and ${ignore}`;
  return {
    severity: "error",
    code: "open-secrets",
    file,
    message: isTracked
      ? "git tracks these secrets, and keeps them in its history"
      : "git does not ignore these secrets",
    hint: `${isTracked ? untrack : ignore}; \`polycrate secrets encrypt\` makes a file that may be committed`,
  };
}

function trackedSecret(file: string): Problem {
  return {
    severity: "warning",
    code: "tracked-secret",
    file,
    message: `git tracks this ${isKubeconfig(file) ? "kubeconfig" : "private key"}`,
    hint: "replace the key where it is used, then `git rm --cached` the file and add it to `.gitignore`",
  };
}

function untrackedDockerfile(file: string): Problem {
  return {
    severity: "warning",
    code: "untracked-dockerfile",
    file,
    message: "git does not track the Dockerfile",
    hint: `\`git add ${file}\`, so that others build the same image`,
  };
}

function missingIgnores(patterns: readonly string[]): Problem {
  return {
    severity: "warning",
    code: "missing-gitignore",
    file: ".gitignore",
    message: `git does not ignore ${patterns.map((pattern) => `\`${pattern}\``).join(", ")}`,
    hint: `add ${patterns.length === 1 ? "it" : "them"} to \`.gitignore\``,
  };
}

const keyNames = /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:pem|key|p12|pfx|ppk))$/;

/** A key that is encrypted with Ansible Vault, sops, age or git-crypt belongs in the repository. */
function isSecret(workspace: Workspace, path: string): boolean {
  const isKey = keyNames.test(basename(path)) || path === workspace.layout.privateKey;
  if (!isKey && !isKubeconfig(path)) return false;
  const read = readPolyText(workspace.path, path);
  if ("problem" in read) return /\.(?:p12|pfx)$/.test(path);
  if (/^\$ANSIBLE_VAULT|^sops:|"sops":|^age-encryption|BEGIN AGE ENCRYPTED/m.test(read.text)) return false;
  return isKubeconfig(path)
    ? /^(?:users|clusters|apiVersion):/m.test(read.text)
    : /PRIVATE KEY-----|^PuTTY-User-Key-File/m.test(read.text);
}

function isKubeconfig(path: string): boolean {
  return /^(?:.*\.)?kubeconfig(?:\.ya?ml)?$|^kubeconfig.*\.ya?ml$/.test(basename(path));
}
