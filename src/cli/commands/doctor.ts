import { homedir } from "node:os";
import { defineCommand } from "citty";
import { checkDocker } from "../../doctor/checkDocker.ts";
import { checkLock } from "../../doctor/checkLock.ts";
import {
  checkCaches,
  checkImage,
  checkKey,
  checkLeftovers,
  checkOldImages,
  checkRuntime,
  checkSelinux,
  checkSpace,
  checkWarm,
} from "../../doctor/checkMachine.ts";
import { type CheckResult, error, ok, warning } from "../../doctor/checkResult.ts";
import { checkSecrets } from "../../doctor/checkSecrets.ts";
import { checkTrust } from "../../doctor/checkTrust.ts";
import { checkWorkspace } from "../../doctor/checkWorkspace.ts";
import { readDockerFacts } from "../../doctor/dockerFacts.ts";
import type { DockerFacts } from "../../doctor/engineFacts.ts";
import type { ClientProgram, Engine } from "../../engine/engine.ts";
import { counted, exitCodes, locatedMessage, PolycrateError, printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { type Host, thisHost } from "../../host/stdio.ts";
import { findEngine } from "../../run/findEngine.ts";
import { isSelinuxEnforcing } from "../../run/observe.ts";
import { observeImage } from "../../run/observeImage.ts";
import { accessRequestOf } from "../../trust/hostAccess.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { workspaceLocation } from "../../workspace/locate.ts";
import { callersAgreements } from "../askTrust.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { formatJson } from "../output/json.ts";
import { paint } from "../output/table.ts";
import { wrapWords } from "../output/wrapWords.ts";

export default defineCommand({
  meta: {
    name: "doctor",
    description:
      "Check docker, this machine and the workspace for problems that prevent actions from running, and show how to fix them.",
  },
  args: {
    ...workspaceFlags,
    ...contextFlags,
    output: { type: "enum", options: ["json"], description: "Print the result as JSON." },
  },
  run: async ({ args }) => {
    const findings = await runChecks(args, thisHost());
    const healthy = findings.every(({ level }) => level !== "error");
    if (args.output === "json") {
      const list = findings.map(({ fix, ...finding }) => ({ ...finding, cure: fix ?? null }));
      stdout.write(formatJson({ healthy, findings: list }));
    } else stdout.write(formatFindings(findings));
    return healthy ? 0 : exitCodes.noDocker;
  },
});

type DoctorArgs = {
  readonly workspace?: string | undefined;
  readonly engine?: ClientProgram | undefined;
  readonly context?: string | undefined;
};

async function runChecks(args: DoctorArgs, host: Host): Promise<readonly CheckResult[]> {
  const { workspace, finding } = findWorkspace(args.workspace);
  const engine = findEngine(workspace, { program: args.engine, flag: args.context });
  const directory = workspace?.path ?? process.cwd();
  const uid = process.getuid?.() ?? 0;
  const facts = await readDockerFacts(engine, directory, homedir(), host);
  const aboutDocker = checkDocker(facts, {
    uid,
    dockerHost: host.environment.DOCKER_HOST,
    user: workspace?.settings.config.container.user ?? undefined,
    has: (program) => Bun.which(program) !== null,
  });
  return [
    ...aboutDocker,
    ...checkRuntime(host.environment),
    checkSelinux(isSelinuxEnforcing()),
    ...checkSpace(directory, facts),
    finding,
    ...(workspace === undefined
      ? []
      : [
          await checkOrError("ssh key", async () => checkKey(workspace, uid, host)),
          await checkOrError("lock", async () => checkLock(workspace)),
          ...(await secretsResults(workspace, engine, host)),
          await checkOrError("trust", async () =>
            checkTrust(accessRequestOf(workspace, host.environment), callersAgreements()),
          ),
        ]),
    ...(await checkEngine(facts, engine, workspace, host)),
  ];
}

async function secretsResults(
  workspace: Workspace,
  { isHere }: Engine,
  { environment }: Host,
): Promise<readonly CheckResult[]> {
  try {
    return await checkSecrets(workspace, isHere, environment);
  } catch (cause) {
    if (!(cause instanceof PolycrateError)) throw cause;
    return [error("secrets", cause.message, cause.hint ?? "see `polycrate help encryption`")];
  }
}

type FoundWorkspace = { readonly workspace: Workspace | undefined; readonly finding: CheckResult };

/** A missing workspace is a warning, unless the command line or the environment names one. */
function findWorkspace(flag: string | undefined): FoundWorkspace {
  const location = workspaceLocation(flag, process.env, process.cwd(), process.getuid?.() ?? 0);
  try {
    const workspace = loadWorkspace(location);
    return { workspace, finding: checkLoaded(workspace) };
  } catch (cause) {
    if (!(cause instanceof PolycrateError)) throw cause;
    const [message = ""] = locatedMessage(cause).split("\n");
    const isNowhere = !("named" in location) && cause.exitCode === exitCodes.wrongCommandLine;
    return {
      workspace: undefined,
      finding: isNowhere
        ? warning("workspace", message, cause.hint ?? "`polycrate init` creates one here")
        : error("workspace", message, "`polycrate validate` shows all problems"),
    };
  }
}

function checkLoaded(workspace: Workspace): CheckResult {
  const problems = [...workspace.problems, ...checkWorkspace(workspace).problems];
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const fix = "`polycrate validate` shows them";
  const message = `${workspace.path}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`;
  if (errors > 0) return error("workspace", message, fix);
  return warnings > 0 ? warning("workspace", message, fix) : ok("workspace", workspace.path);
}

/** The checks that need an engine that answers. */
async function checkEngine(
  facts: DockerFacts,
  engine: Engine,
  workspace: Workspace | undefined,
  host: Host,
): Promise<readonly CheckResult[]> {
  if (facts.engine === undefined) return [];
  const directory = workspace?.path ?? process.cwd();
  const images =
    workspace === undefined
      ? []
      : [
          await checkOrError("image", async () =>
            checkImage(
              engine,
              await observeImage(workspace, engine, { locked: false }, { asks: false }),
              workspace.path,
              host,
            ),
          ),
          await checkOrError("old images", async () =>
            checkOldImages(
              engine,
              await observeImage(workspace, engine, { locked: false }, { asks: false }),
              workspace.path,
              host,
            ),
          ),
        ];
  const kept =
    workspace === undefined
      ? []
      : [
          await checkOrError("caches", () => checkCaches(engine, workspace, host)),
          await checkOrError("warm", () => checkWarm(engine, workspace, host)),
        ];
  return [
    ...images,
    ...kept.flat(),
    {
      ...ok("self-test", "not part of these checks"),
      fix: "`polycrate self-test` proves this engine with real runs",
    },
    await checkOrError("leftovers", () => checkLeftovers(engine, workspace, directory, host)),
  ];
}

async function checkOrError<Result>(
  check: string,
  examine: () => Promise<Result>,
): Promise<Result | CheckResult> {
  try {
    return await examine();
  } catch (cause) {
    if (!(cause instanceof PolycrateError)) throw cause;
    return error(check, locatedMessage(cause), cause.hint ?? "see above");
  }
}

const marks = { ok: "good", warning: "warning", error: "bad" } as const;

function formatFindings(findings: readonly CheckResult[]): string {
  const out = stdout;
  const left = Math.max(...findings.map(({ check }) => check.length));
  const indent = left + 11;
  const wrap = (text: string) =>
    wrapWords(printable(text), Math.max((out.columns ?? 100) - indent, 20)).join(`\n${" ".repeat(indent)}`);
  const lines = findings.flatMap(({ check, level, message, fix }) => [
    `${paint(out, marks[level], level.padEnd(7))}  ${check.padEnd(left)}  ${wrap(message)}`,
    ...(fix === undefined ? [] : [`${" ".repeat(indent)}${paint(out, "strong", "→")} ${wrap(fix)}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
