import { installationOf, updateHint } from "../../host/installation.ts";
import { version as ownVersion } from "../../version.ts";
import { textOf } from "../../yaml/value.ts";
import { type PolyFile, problemIn } from "./polyFile.ts";
import type { Problem } from "./problems.ts";
import { isVersionRange } from "./schema/versionRange.ts";

/**
 * Returns the problem of a workspace that requires another version of polycrate than this one; undefined when it requires none,
 * and for a range that is not valid, which is a problem of the schema.
 */
export function versionProblem(file: PolyFile, version = ownVersion): Problem | undefined {
  const range = textOf(file.value.get("requires"));
  if (range === undefined || !isVersionRange(range) || Bun.semver.satisfies(version, range)) return undefined;
  return problemIn(file, {
    severity: "error",
    code: "required-version",
    at: ["requires"],
    message: `the workspace requires polycrate ${range}, and this is ${version}`,
    hint: updateHint(installationOf(), range, reachesAbove(range, version)),
  });
}

/** True when one of the versions in the range is newer than this one; otherwise an older one is required. */
function reachesAbove(range: string, version: string): boolean {
  const versions = [...range.matchAll(/\d+(?:\.\d+){0,2}/g)].map(([one]) => `${one}.0.0`);
  return versions.some((one) => Bun.semver.order(one.split(".").slice(0, 3).join("."), version) > 0);
}
