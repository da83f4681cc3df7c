import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus } from "./fileStatus.ts";

/** The path at which Docker Desktop for Mac provides the caller's agent; a socket of macOS cannot be mounted. */
const agentOfDockerDesktop = "/run/host-services/ssh-auth.sock";

/** Returns the socket of the caller's ssh agent. Throws (65) when there is none: the workspace requires it. */
export function sshAgentSocket(host: NodeJS.ProcessEnv): string {
  const path = host.SSH_AUTH_SOCK ?? "";
  if (path === "") throw noAgent("the variable `SSH_AUTH_SOCK` is not set");
  if (process.platform === "darwin") return agentOfDockerDesktop;
  const stat = fileStatus(path);
  if (stat?.isSocket() === true) return path;
  throw noAgent(`\`${path}\` is not a socket`);
}

function noAgent(reason: string): PolycrateError {
  return new PolycrateError(`\`config.container.ssh_agent\` requires an ssh agent, but ${reason}`, {
    hint: 'start one with `eval "$(ssh-agent)"` and `ssh-add`, or remove the setting; see `polycrate help ssh`',
    exitCode: exitCodes.invalidWorkspace,
  });
}
