import { isYamlList, textOf, type YamlMap, type YamlPath } from "../../yaml/value.ts";
import { isRegistryName, splitReference } from "../blocks/findBlock.ts";
import type { PolyFinding } from "../poly/problems.ts";

/** Returns the warnings about the `dependencies` of a workspace file that may be another block tomorrow. */
export function lintDependencies(value: YamlMap): readonly PolyFinding[] {
  const dependencies = value.get("dependencies");
  return (isYamlList(dependencies) ? dependencies : []).flatMap((one, index) =>
    lintVersion(textOf(one), ["dependencies", index]),
  );
}

/** Returns a warning for a block of a registry that is named without a version, or as `latest`. */
export function lintVersion(reference: string | undefined, at: YamlPath): readonly PolyFinding[] {
  const { name, version } = splitReference(reference ?? "");
  if (reference === undefined || !isRegistryName(name)) return [];
  if (version !== undefined && version !== "" && version !== "latest") return [];
  const message = `the block \`${reference}\` has no version, so it is what its registry calls \`latest\``;
  const hint = `name a version: \`${name}:1.0.0\``;
  return [{ severity: "warning", code: "block-version", at, message, hint }];
}
