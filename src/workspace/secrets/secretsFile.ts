import { fileStatus } from "../../host/fileStatus.ts";
import { isYamlList, isYamlMap, textOf, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import { type BlockSource, blockSource } from "../blocks/blockSource.ts";
import { noPolyCache } from "../poly/polyCache.ts";
import { type PolyFile, parsePolyFile, problemsIn } from "../poly/polyFile.ts";
import type { PolyFinding, Problem } from "../poly/problems.ts";
import { mergeSecrets, pathInSecrets } from "./mergeSecrets.ts";

/** The secrets of a workspace, in clear text and encrypted; at most one of the two exists. */
export const secretsFile = "secrets.poly";
export const encryptedSecretsFile = "secrets.poly.age";

/** True for one of the two, of which no line may be shown. */
export function isSecretsFile(path: string): boolean {
  return path === secretsFile || path === encryptedSecretsFile;
}

/** The secrets of a workspace: `secrets.poly` as read, its values hidden. */
export type Secrets = {
  readonly file: PolyFile;
  /** What is laid over the blocks of the workspace. */
  readonly blocks: readonly BlockSource[];
};

/** Which files of secrets a workspace has. */
export type SecretsOnDisk = { readonly clear: boolean; readonly encrypted: boolean };

/** Looks for the two files. */
export function secretsOnDisk(workspace: string): SecretsOnDisk {
  const exists = (name: string) => fileStatus(`${workspace}/${name}`) !== undefined;
  return { clear: exists(secretsFile), encrypted: exists(encryptedSecretsFile) };
}

/**
 * Reads `secrets.poly`, or parses the text that `secrets.poly.age` was decrypted to; undefined without either. It is never in the
 * cache of parsed files, which is on a disk.
 */
export function readSecrets(
  workspace: string,
  { clear }: SecretsOnDisk,
  decrypted: string | undefined,
): Secrets | undefined {
  if (!clear && decrypted === undefined) return undefined;
  const file =
    decrypted === undefined
      ? noPolyCache(workspace).read("secrets", secretsFile)
      : parsePolyFile("secrets", encryptedSecretsFile, decrypted);
  const blocks = file.value.get("blocks");
  return {
    file,
    blocks: (isYamlList(blocks) ? blocks : []).flatMap((value, index) =>
      isYamlMap(value) && textOf(value.get("name")) !== undefined
        ? [blockSource(value, file, ["blocks", index], undefined)]
        : [],
    ),
  };
}

/** Returns `workspace.poly` with the secrets over it; positions are those of the file that has the value. */
export function layOverSecrets(file: PolyFile, secrets: Secrets | undefined): PolyFile {
  if (secrets === undefined) return file;
  const value = mergeSecrets(file.value, secrets.file.value);
  const place = (path: YamlPath) => {
    const inSecrets = pathInSecrets(value, secrets.file.value, path);
    return inSecrets === undefined ? undefined : { file: secrets.file, path: inSecrets };
  };
  return { ...file, value, digest: undefined, place };
}

/** Returns the problem of a workspace with both files: which of the two counts would be a guess. */
export function bothProblem(): Problem {
  return {
    severity: "error",
    code: "two-secrets",
    file: secretsFile,
    message: `the workspace has both \`${secretsFile}\` and \`${encryptedSecretsFile}\``,
    hint: "remove one of them; `polycrate secrets encrypt --force` replaces the encrypted one",
  };
}

/** Returns a warning for each block, workflow and step that `secrets.poly` names and the workspace does not have. */
export function unusedSecrets(
  { file, blocks }: Secrets,
  workspace: PolyFile,
  names: ReadonlySet<string>,
): readonly Problem[] {
  const unknownBlocks = blocks
    .filter(({ name }) => !names.has(name))
    .map(({ name, at }) => unused(`block \`${name}\``, [...at, "name"]));
  const workflows = namedItems(file.value.get("workflows")).flatMap(({ item, name, index }) => {
    const at = ["workflows", index];
    const known = namedItems(workspace.value.get("workflows")).find((one) => one.name === name);
    if (known === undefined) return [unused(`workflow \`${name}\``, [...at, "name"])];
    const steps = new Set(namedItems(known.item.get("steps")).map((step) => step.name));
    return namedItems(item.get("steps"))
      .filter((step) => !steps.has(step.name))
      .map((step) =>
        unused(`step \`${step.name}\` in workflow \`${name}\``, [...at, "steps", step.index, "name"]),
      );
  });
  return problemsIn(file, [...unknownBlocks, ...workflows]);
}

function unused(what: string, at: YamlPath): PolyFinding {
  return {
    ...{ severity: "warning", code: "unused-secret", at },
    message: `the workspace has no ${what}, so its secrets are not used`,
    hint: "correct the name, or remove it",
  };
}

function namedItems(list: YamlValue | undefined) {
  return (isYamlList(list) ? list : []).flatMap((item, index) => {
    const name = isYamlMap(item) ? textOf(item.get("name")) : undefined;
    return isYamlMap(item) && name !== undefined ? [{ item, name, index }] : [];
  });
}
