import { isAbsolute, join } from "node:path";
import { parseJson, textAt } from "../host/json.ts";
import {
  isPrivate,
  ownerAbove,
  type PrivateFolder,
  readPrivateFile,
  removePrivateFile,
  writePrivateFile,
} from "../host/privateFolder.ts";
import type { AccessRequest } from "./hostAccess.ts";

// What the user has agreed to is kept outside of every workspace, in a folder that nobody else can write.

/** Where agreements are kept; undefined if the user has no folder for them, as root has none in the home of the caller. */
export type Agreements = PrivateFolder | undefined;

/** Returns `polycrate/trust` in `XDG_STATE_HOME` or `~/.local/state`. */
export function agreementsOf(
  { XDG_STATE_HOME: named = "", HOME: home = "" }: NodeJS.ProcessEnv,
  uid: number,
): Agreements {
  const base = isAbsolute(named) ? named : isAbsolute(home) ? join(home, ".local/state") : undefined;
  return base === undefined || ownerAbove(base) !== uid
    ? undefined
    : { path: join(base, "polycrate/trust"), uid };
}

/** In bytes; a file is smaller unless it is not ours. */
const largestAgreement = 64 * 1024;

/** Returns true if the user of this machine has agreed to exactly this. */
export function isAgreed(agreements: Agreements, { workspace, hash }: AccessRequest): boolean {
  if (agreements === undefined || !isPrivate(folderAbove(agreements))) return false;
  const bytes = readPrivateFile(agreements, agreementFile(workspace), largestAgreement);
  const agreed = bytes === undefined ? undefined : parseJson(bytes.toString());
  return textAt(agreed, "workspace") === workspace && textAt(agreed, "hash") === hash;
}

/** Remembers that the user has agreed to this; false if that is not possible. */
export function agree(agreements: Agreements, request: AccessRequest): boolean {
  if (agreements === undefined) return false;
  const { workspace, hash } = request;
  const content = `${JSON.stringify({ workspace, hash })}\n`;
  writePrivateFile(agreements, agreementFile(workspace), Buffer.from(content), { files: 10_000, bytes: 1e8 });
  return isAgreed(agreements, request);
}

/** Forgets what was agreed to for the workspace; false if there was nothing. */
export function revoke(agreements: Agreements, workspace: string): boolean {
  return agreements !== undefined && removePrivateFile(agreements, agreementFile(workspace));
}

function folderAbove({ path, uid }: PrivateFolder): PrivateFolder {
  return { path: join(path, ".."), uid };
}

function agreementFile(workspace: string): string {
  return `${new Bun.CryptoHasher("sha256").update(workspace).digest("hex")}.json`;
}
