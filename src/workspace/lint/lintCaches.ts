import { posix } from "node:path";
import { isYamlMap, textOf, type YamlMap, yamlMapAt } from "../../yaml/value.ts";
import type { Workspace } from "../load.ts";
import { isOurTarget, ourTargetHint, ourTargetMessage } from "../mounts.ts";
import type { PolyFinding } from "../poly/problems.ts";
import { cacheName } from "../poly/schema/container.ts";

/** Returns the problems of `config.container.caches` that are the same for every user of a container. */
export function lintCaches(value: YamlMap, { layout }: Pick<Workspace, "layout">): readonly PolyFinding[] {
  const caches = yamlMapAt(yamlMapAt(value, "config"), "container")?.get("caches");
  const earlier: { readonly name: string; readonly path: string }[] = [];
  return Array.from(isYamlMap(caches) ? caches : [], ([key, written]): readonly PolyFinding[] => {
    const [name, text] = [String(key), textOf(written) ?? ""];
    const at = ["config", "container", "caches", key];
    const wrong = { severity: "error", code: "wrong-cache", at } as const;
    if (!cacheName.test(name)) {
      const hint = "use letters, digits, `-`, `_` and `.`; at most 40, the first a letter or digit";
      return [{ ...wrong, part: "key", message: `\`${name}\` is not a valid name of a cache`, hint }];
    }
    const path = posix.normalize(text).replace(/\/+$/, "");
    const other = earlier.find((one) => isAtOrBelow(path, one.path) || isAtOrBelow(one.path, path));
    earlier.push({ name, path });
    const reason = reasonAgainst(text, path, layout.containerRoot);
    if (reason !== undefined) return [{ ...wrong, ...reason }];
    if (other === undefined) return [];
    const message = `the caches \`${other.name}\` and \`${name}\` contain each other`;
    return [{ ...wrong, message, hint: "keep one of them, or use separate folders" }];
  }).flat();
}

/** Why a path cannot be a cache: its folder holds what is not to be kept, or what polycrate mounts. */
function reasonAgainst(
  written: string,
  path: string,
  containerRoot: string,
): Pick<PolyFinding, "message" | "hint"> | undefined {
  const segments = written.split("/");
  if (/\p{Cc}/u.test(written) || segments.includes("..")) {
    return { message: "the path of a cache has no `..` and no control characters", hint: usual };
  }
  if (isOurTarget(path, containerRoot)) return { message: ourTargetMessage(path), hint: ourTargetHint };
  if (isAtOrBelow(path, containerRoot) || isAtOrBelow(containerRoot, path)) {
    const message = `the cache \`${path}\` and the workspace, \`${containerRoot}\`, contain each other`;
    return { message, hint: "files of the workspace are kept without a cache" };
  }
  if (isAtOrBelow(path, "~/.ssh")) return { message: "`~/.ssh` cannot be a cache", hint: usual };
  return undefined;
}

const usual = "write a path in the container, like `~/.cache/pip`";

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
