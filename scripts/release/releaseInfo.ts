import { readFileSync } from "node:fs";
import { isJsonObject, parseJson } from "../../src/host/json.ts";
import { type ChangelogEntry, entryOfVersion } from "./changelog.ts";

/** What every package of a release says about itself. */
export type ReleaseInfo = ChangelogEntry & {
  readonly description: string;
  /** `Name <address>`. */
  readonly author: string;
  /** The terms of use, as npm names them. */
  readonly license: string;
  /** The address of the page that has the release's files, without a slash at its end. */
  readonly page: string;
};

/** Reads `package.json` and the changelog. Throws for a version that the changelog does not have. */
export function readReleaseInfo(page: string): ReleaseInfo {
  const manifest = parseJson(readFileSync("package.json", "utf8"));
  const textOf = (key: string) => {
    const value = isJsonObject(manifest) ? manifest[key] : undefined;
    if (typeof value !== "string") throw new Error(`package.json has no \`${key}\``);
    return value;
  };
  return {
    ...entryOfVersion(readFileSync(".github/CHANGELOG.md", "utf8"), textOf("version")),
    description: textOf("description"),
    author: textOf("author"),
    license: textOf("license"),
    page: page.replace(/\/+$/, ""),
  };
}
