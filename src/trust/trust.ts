import { isCi } from "../host/stdio.ts";
import { type Agreements, isAgreed } from "./agreements.ts";
import type { AccessRequest } from "./hostAccess.ts";

const trusted: unique symbol = Symbol("trusted");

/** Without it no plan of a workspace is executed: a workspace may have what it asks for. Only this file makes one. */
export type Trust = { readonly [trusted]: true; readonly workspace: string; readonly hash: string };

/** Returns trust in the workspace for what it asks for now: the caller of this function was asked, and agreed. */
export function trustBy({ workspace, hash }: AccessRequest): Trust {
  return { [trusted]: true, workspace, hash };
}

/**
 * Returns trust if nobody has to be asked: the workspace asks for nothing, the user has agreed before, POLYCRATE_TRUST has `1` or the
 * hash, or CI is set. A variable with another value is for another request, so in CI it counts against this one.
 */
export function trustWithoutAsking(
  request: AccessRequest,
  environment: NodeJS.ProcessEnv,
  agreements: Agreements,
): Trust | undefined {
  const variable = environment.POLYCRATE_TRUST ?? "";
  const isTrusted =
    request.access.length === 0 ||
    variable === "1" ||
    variable === request.hash ||
    isAgreed(agreements, request) ||
    (variable === "" && isCi(environment));
  return isTrusted ? trustBy(request) : undefined;
}
