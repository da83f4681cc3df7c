import { isYamlMap, textOf, type YamlMap, type YamlPath, type YamlValue } from "../../yaml/value.ts";

/** A step of a workflow as it is written. */
export type WrittenStep = {
  readonly name: string;
  readonly value: YamlMap;
  readonly at: YamlPath;
  /** What is not text is empty. */
  readonly needs: readonly string[];
};

/** Returns a step of the file; none for what is not a mapping. */
export function writtenStep(value: YamlValue, at: YamlPath): readonly WrittenStep[] {
  if (!isYamlMap(value)) return [];
  const needs = [value.get("needs") ?? []].flat();
  const texts = needs.map((one) => textOf(one) ?? "");
  return [{ name: textOf(value.get("name")) ?? "", value, at, needs: texts }];
}

/** True if the steps are a graph: one of them has the key `needs` or `matrix`. */
export function isWrittenGraph(steps: readonly WrittenStep[]): boolean {
  return steps.some(({ value }) => (value.get("needs") ?? value.get("matrix") ?? null) !== null);
}
