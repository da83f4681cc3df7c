import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The folder with a whole release, which `scripts/packages.sh` has built. */
export const releaseFolder = process.env.POLYCRATE_TEST_RELEASE ?? "dist/release";

/** An image of a clean Debian 13, which has neither node nor bun. */
export const cleanDebian = process.env.POLYCRATE_TEST_BASE ?? "polycrate-test:trixie";

/** Returns the path of the release's file whose name matches. */
export function releaseFile(pattern: RegExp): string {
  const name = readdirSync(releaseFolder).find((file) => pattern.test(file));
  if (name === undefined) throw new Error(`the release has no ${pattern.source}`);
  return join(releaseFolder, name);
}
