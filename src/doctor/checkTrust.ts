import { counted } from "../errors.ts";
import { type Agreements, isAgreed } from "../trust/agreements.ts";
import type { AccessRequest } from "../trust/hostAccess.ts";
import { type CheckResult, ok, warning } from "./checkResult.ts";

/** Checks whether the workspace asks for access to this machine, and whether the user has agreed to that. */
export function checkTrust(request: AccessRequest, agreements: Agreements): CheckResult {
  const [first] = request.access;
  if (first === undefined) return ok("trust", "the workspace asks for no access to this machine");
  const more = request.access.length - 1;
  const what = `\`${first.written}\`${more > 0 ? ` and ${counted(more, "more thing")}` : ""}`;
  if (isAgreed(agreements, request)) {
    return { ...ok("trust", `you have agreed to ${what}`), fix: "`polycrate trust --show` lists all of it" };
  }
  const message = `the workspace asks for ${what}, and you have not agreed`;
  return warning("trust", message, "`polycrate trust` lists all of it and asks");
}
