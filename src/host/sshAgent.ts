import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus } from "./fileStatus.ts";

/** The path at which Docker Desktop for Mac provides the caller's agent; a socket of macOS cannot be mounted. */
const agentOfDockerDesktop = "/run/host-services/ssh-auth.sock";

/** Returns the socket of the caller's ssh agent, which the workspace requires. Throws (65) when there is none. */
export function locateAgent(host: NodeJS.ProcessEnv): string {
  const path = host.SSH_AUTH_SOCK ?? "";
  if (path === "") refuse("the variable `SSH_AUTH_SOCK` is not set");
  if (process.platform === "darwin") return agentOfDockerDesktop;
  const stat = fileStatus(path);
  return stat?.isSocket() === true ? path : refuse(`there is no socket at \`${path}\``);
}

function refuse(reason: string): never {
  throw new PolycrateError(`\`config.container.ssh_agent\`: no ssh agent runs here: ${reason}`, {
    hint: 'start one with `eval "$(ssh-agent)"` and `ssh-add`, or remove the setting',
    exitCode: exitCodes.invalidWorkspace,
  });
}
