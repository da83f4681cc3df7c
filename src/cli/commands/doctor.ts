import { homedir } from "node:os";
import { defineCommand } from "citty";
import { judgeDocker } from "../../doctor/checks.ts";
import { checkWorkspace } from "../../doctor/checkWorkspace.ts";
import {
  examineImage,
  examineKey,
  examineLeftovers,
  examineOldImages,
  examineRuntime,
  examineSelinux,
  examineSpace,
} from "../../doctor/examine.ts";
import { type DockerFacts, readDockerFacts } from "../../doctor/facts.ts";
import { error, type Finding, ok, warning } from "../../doctor/finding.ts";
import { docker } from "../../engine/docker.ts";
import { counted, exitCodes, locatedMessage, PolycrateError, printable } from "../../errors.ts";
import { type Host, thisHost } from "../../host/stdio.ts";
import { isSelinuxEnforcing } from "../../run/observe.ts";
import { observeImage } from "../../run/observeImage.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { workspaceLocation } from "../../workspace/locate.ts";
import { workspaceFlags } from "../flags.ts";
import { formatJson } from "../output/json.ts";
import { paint } from "../output/table.ts";
import { wrapWords } from "../output/wrapWords.ts";

export default defineCommand({
  meta: {
    name: "doctor",
    description:
      "Look at docker, this machine and the workspace, and say what keeps actions from running and what to do about it.",
  },
  args: {
    ...workspaceFlags,
    output: { type: "enum", options: ["json"], description: "Print it for programs." },
  },
  run: async ({ args }) => {
    const findings = await examineAll(args.workspace, thisHost());
    const healthy = findings.every(({ level }) => level !== "error");
    if (args.output === "json") {
      const list = findings.map((finding) => ({ ...finding, cure: finding.cure ?? null }));
      process.stdout.write(formatJson({ healthy, findings: list }));
    } else process.stdout.write(formatFindings(findings));
    return healthy ? 0 : exitCodes.noDocker;
  },
});

async function examineAll(flag: string | undefined, host: Host): Promise<readonly Finding[]> {
  const { workspace, finding } = findWorkspace(flag);
  const directory = workspace?.path ?? process.cwd();
  const uid = process.getuid?.() ?? 0;
  const facts = await readDockerFacts(docker, directory, homedir(), host);
  const judged = judgeDocker(facts, {
    uid,
    dockerHost: host.environment.DOCKER_HOST,
    user: workspace?.settings.config.container.user ?? undefined,
    has: (program) => Bun.which(program) !== null,
  });
  return [
    ...judged,
    ...examineRuntime(host.environment),
    examineSelinux(isSelinuxEnforcing()),
    ...examineSpace(directory, facts),
    finding,
    ...(workspace === undefined
      ? []
      : [await attempt("ssh key", async () => examineKey(workspace, uid, host))]),
    ...(await examineEngine(facts, workspace, host)),
  ];
}

type Found = { readonly workspace: Workspace | undefined; readonly finding: Finding };

/** Being in no workspace keeps nothing from working but actions, unless one was named. */
function findWorkspace(flag: string | undefined): Found {
  const location = workspaceLocation(flag, process.env, process.cwd(), process.getuid?.() ?? 0);
  try {
    const workspace = loadWorkspace(location);
    return { workspace, finding: judgeWorkspace(workspace) };
  } catch (cause) {
    if (!(cause instanceof PolycrateError)) throw cause;
    const [message = ""] = locatedMessage(cause).split("\n");
    const isNowhere = !("named" in location) && cause.exitCode === exitCodes.wrongCommandLine;
    return {
      workspace: undefined,
      finding: isNowhere
        ? warning("workspace", message, cause.hint ?? "`polycrate init` makes one here")
        : error("workspace", message, "`polycrate validate` shows all that is wrong"),
    };
  }
}

function judgeWorkspace(workspace: Workspace): Finding {
  const problems = [...workspace.problems, ...checkWorkspace(workspace).problems];
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const cure = "`polycrate validate` shows them";
  const message = `${workspace.path}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`;
  if (errors > 0) return error("workspace", message, cure);
  return warnings > 0 ? warning("workspace", message, cure) : ok("workspace", workspace.path);
}

/** What only an engine that answers can be asked. */
async function examineEngine(
  { engine }: DockerFacts,
  workspace: Workspace | undefined,
  host: Host,
): Promise<readonly Finding[]> {
  if (engine === undefined) return [];
  const directory = workspace?.path ?? process.cwd();
  const images =
    workspace === undefined
      ? []
      : [
          await attempt("image", async () =>
            examineImage(
              docker,
              await observeImage(workspace, docker, {}, { asks: false }),
              workspace.path,
              host,
            ),
          ),
          await attempt("old images", async () =>
            examineOldImages(
              docker,
              await observeImage(workspace, docker, {}, { asks: false }),
              workspace.path,
              host,
            ),
          ),
        ];
  return [...images, await attempt("leftovers", () => examineLeftovers(docker, workspace, directory, host))];
}

async function attempt(check: string, examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (cause) {
    if (!(cause instanceof PolycrateError)) throw cause;
    return error(check, locatedMessage(cause), cause.hint ?? "see above");
  }
}

const marks = { ok: "good", warning: "warning", error: "bad" } as const;

function formatFindings(findings: readonly Finding[]): string {
  const out = process.stdout;
  const left = Math.max(...findings.map(({ check }) => check.length));
  const indent = left + 11;
  const wrap = (text: string) =>
    wrapWords(printable(text), Math.max((out.columns ?? 100) - indent, 20)).join(`\n${" ".repeat(indent)}`);
  const lines = findings.flatMap(({ check, level, message, cure }) => [
    `${paint(out, marks[level], level.padEnd(7))}  ${check.padEnd(left)}  ${wrap(message)}`,
    ...(cure === undefined ? [] : [`${" ".repeat(indent)}${paint(out, "strong", "→")} ${wrap(cure)}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
