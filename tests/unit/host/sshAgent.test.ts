import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { sshAgentSocket } from "../../../src/host/sshAgent.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

test("the agent is the socket that the caller's environment names", async () => {
  using folder = makeFolder({ file: "" });
  const path = join(folder.path, "agent");
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  expect(sshAgentSocket({ SSH_AUTH_SOCK: path })).toBe(path);
  server.close();
  const none = "65: `config.container.ssh_agent` requires an ssh agent, but ";
  expect(messageOf(() => sshAgentSocket({}))).toBe(`${none}the variable \`SSH_AUTH_SOCK\` is not set`);
  expect(messageOf(() => sshAgentSocket({ SSH_AUTH_SOCK: "" }))).toBe(
    `${none}the variable \`SSH_AUTH_SOCK\` is not set`,
  );
  for (const other of [join(folder.path, "file"), "/nowhere"]) {
    expect(messageOf(() => sshAgentSocket({ SSH_AUTH_SOCK: other }))).toBe(
      `${none}\`${other}\` is not a socket`,
    );
  }
});

test("on a Mac it is the socket that Docker Desktop shows", () => {
  const { platform } = process;
  Object.defineProperty(process, "platform", { value: "darwin" });
  try {
    expect(sshAgentSocket({ SSH_AUTH_SOCK: "/private/tmp/agent" })).toBe("/run/host-services/ssh-auth.sock");
  } finally {
    Object.defineProperty(process, "platform", { value: platform });
  }
});
