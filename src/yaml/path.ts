import { isYamlList, isYamlMap, type YamlPath, type YamlValue } from "./value.ts";

/** Returns the value at the path; undefined when there is none. */
export function valueAt(root: YamlValue | undefined, path: YamlPath): YamlValue | undefined {
  let value = root;
  for (const key of path) {
    if (isYamlMap(value)) value = value.get(key);
    else value = isYamlList(value) && typeof key === "number" ? value[key] : undefined;
  }
  return value;
}

/** Returns the path as it is shown to users: `workflows[0].steps`. */
export function formatPath(path: YamlPath): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${key}`))
    .join("");
}
