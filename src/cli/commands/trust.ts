import { defineCommand } from "citty";
import { exitCodes } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { isAgreed, revoke } from "../../trust/agreements.ts";
import { accessRequestOf } from "../../trust/hostAccess.ts";
import { agreeByAnswer, callersAgreements, describeRequest } from "../askTrust.ts";
import { workspaceFlags } from "../flags.ts";
import { openWithSecrets } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "trust",
    description: "Show what the workspace can reach of this machine, and agree to it. Runs nothing.",
  },
  args: {
    ...workspaceFlags,
    show: { type: "boolean", description: "Only show it." },
    revoke: { type: "boolean", description: "Forget that you have agreed." },
    output: { type: "enum", options: ["json"], description: "Print it as JSON, without asking." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const agreements = callersAgreements();
    const workspace = await openWithSecrets(messagesTo(outputs), args.workspace, undefined, {
      need: "if possible",
    });
    if (args.revoke === true) {
      const isForgotten = revoke(agreements, workspace.path);
      stdout.write(isForgotten ? "the answer was forgotten\n" : "there was no answer\n");
      return 0;
    }
    const request = accessRequestOf(workspace, process.env);
    const trusted = request.access.length === 0 || isAgreed(agreements, request);
    if (args.output === "json") {
      const access = request.access.map(({ path, ...one }) => ({ ...one, path: path ?? null }));
      stdout.write(formatJson({ workspace: workspace.path, trusted, hash: request.hash || null, access }));
      return 0;
    }
    if (request.access.length === 0) {
      stdout.write("the workspace asks for no access to this machine\n");
      return 0;
    }
    const agreed = trusted ? "you have agreed to this" : "you have not agreed to this";
    stdout.write(`${[...describeRequest(request), agreed, `hash: ${request.hash}`].join("\n")}\n`);
    if (trusted || args.show === true) return 0;
    return (await agreeByAnswer(request, agreements)) ? 0 : exitCodes.declined;
  },
});
