import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { stderr } from "../host/output.ts";
import { isStdinTerminal } from "../host/stdio.ts";
import { assertNotNested } from "../run/observe.ts";
import { type Agreements, agree, agreementsOf } from "../trust/agreements.ts";
import { type AccessRequest, accessRequestOf, type HostAccess } from "../trust/hostAccess.ts";
import { type Trust, trustBy, trustWithoutAsking } from "../trust/trust.ts";
import type { Workspace } from "../workspace/load.ts";
import { confirm } from "./confirm.ts";

/**
 * Returns the trust that running anything of the workspace requires, and asks for it where nobody has agreed yet; undefined when the
 * answer is no. `--yes` is no answer. Throws (77) without a terminal, and (73) inside an action of the workspace.
 */
export async function askTrust(workspace: Workspace): Promise<Trust | undefined> {
  assertNotNested(workspace);
  const request = accessRequestOf(workspace, process.env);
  const agreements = callersAgreements();
  const trust = trustWithoutAsking(request, process.env, agreements);
  if (trust !== undefined) return trust;
  if (!isStdinTerminal() || !stderr.isTTY) throw untrusted(request);
  stderr.write(`${describeRequest(request).join("\n")}\n`);
  return (await agreeByAnswer(request, agreements)) ? trustBy(request) : undefined;
}

/** Asks at the terminal, and remembers a yes; returns the answer. */
export async function agreeByAnswer(request: AccessRequest, agreements: Agreements): Promise<boolean> {
  if (!(await confirm(["Trust this workspace with that?"], { yes: false }))) return false;
  if (!agree(agreements, request)) {
    stderr.write("warning: the answer cannot be remembered: the folder for it is not yours alone\n");
    stderr.write("hint: it is `polycrate` in $XDG_STATE_HOME or ~/.local/state, with mode 0700\n");
  }
  return true;
}

/** Returns where the answers of the caller are. */
export function callersAgreements(): Agreements {
  return agreementsOf(process.env, process.getuid?.() ?? 0);
}

/** Returns the request in lines, for a terminal. */
export function describeRequest({ workspace, access }: AccessRequest): readonly string[] {
  return [
    `${printable(workspace)} asks for access to this machine:`,
    ...access.map((one) => `  ${describeAccess(one)}`),
  ];
}

function describeAccess({ written, gives, path }: HostAccess): string {
  return printable(`${written}  (${gives}${path === undefined ? "" : `: ${path}`})`);
}

function untrusted(request: AccessRequest): PolycrateError {
  const { hash } = request;
  const variable = process.env.POLYCRATE_TRUST ?? "";
  const isOther = variable !== "" && variable !== hash;
  const [head = "", ...lines] = describeRequest(request);
  return new PolycrateError([head.replace(/:$/, " that you have not agreed to:"), ...lines].join("\n"), {
    hint: [
      ...(isOther ? ["POLYCRATE_TRUST is for something else;"] : []),
      `run \`polycrate trust\` once at a terminal, or set POLYCRATE_TRUST=${hash}`,
    ].join(" "),
    exitCode: exitCodes.notTrusted,
  });
}
