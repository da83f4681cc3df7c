import { defineCommand } from "citty";
import { checkWorkspace } from "../../doctor/checkWorkspace.ts";
import { lintDockerFlags } from "../../engine/flags/checkFlags.ts";
import { counted, exitCodes, printable } from "../../errors.ts";
import { cacheFolderOf } from "../../host/cacheFile.ts";
import { readGitFacts } from "../../host/gitFacts.ts";
import { stderr, stdout } from "../../host/output.ts";
import { annotationLine } from "../../reports/githubCommands.ts";
import { sarifOf } from "../../reports/sarif.ts";
import { sourceRootOf } from "../../reports/sourceRoot.ts";
import { buildId } from "../../version.ts";
import { lintTracked, privateFiles } from "../../workspace/lint/lintTracked.ts";
import { loadWorkspaceLenient, type Workspace } from "../../workspace/load.ts";
import { locateWorkspace, workspaceLocation } from "../../workspace/locate.ts";
import { type Problem, problemLocation, sortProblems } from "../../workspace/poly/problems.ts";
import { readPolyText } from "../../workspace/poly/readPolyText.ts";
import { isSecretsFile } from "../../workspace/secrets/secretsFile.ts";
import { workspaceFlags } from "../flags.ts";
import { decryptSecrets } from "../openSecrets.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { linesOf, sourceExcerpt } from "../output/sourceExcerpt.ts";
import { paint } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "validate", description: "Check all files of the workspace, without running anything." },
  args: {
    ...workspaceFlags,
    strict: { type: "boolean", description: "Fail on warnings too." },
    output: {
      type: "enum",
      options: ["json", "sarif", "github"],
      description: "Print the problems as JSON, as SARIF 2.1.0, or as annotations of GitHub Actions.",
    },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const uid = process.getuid?.() ?? 0;
    const location = workspaceLocation(args.workspace, process.env, process.cwd(), uid);
    const secrets = await decryptSecrets(locateWorkspace(location), "if possible", messagesTo(outputs));
    const cacheFolder = cacheFolderOf(process.env, uid, buildId);
    const workspace = loadWorkspaceLenient(location, { cacheFolder, ...secrets });
    const problems = await workspaceProblems(workspace);
    const count = (severity: Problem["severity"]) =>
      problems.filter((problem) => problem.severity === severity).length;
    const counts = { errors: count("error"), warnings: count("warning") };
    const isValid = counts.errors === 0 && (args.strict !== true || counts.warnings === 0);
    stdout.write(printers[args.output ?? "text"]({ workspace, problems, ...counts, isValid }));
    return isValid ? 0 : exitCodes.invalidWorkspace;
  },
});

/** Returns all problems of the workspace, sorted by file and position. Runs nothing but git, to list tracked files. */
export async function workspaceProblems(workspace: Workspace): Promise<readonly Problem[]> {
  const check = checkWorkspace(workspace);
  const facts = await readGitFacts(workspace.path, privateFiles(workspace));
  if (facts === "late") stderr.write("warning: git does not respond; tracked files are not checked\n");
  return sortProblems([
    ...workspace.problems,
    ...check.problems,
    ...lintDockerFlags(workspace),
    ...(facts === undefined || facts === "late" ? [] : lintTracked(workspace, facts, check.dockerfile)),
  ]);
}

type Report = {
  readonly workspace: Workspace;
  readonly problems: readonly Problem[];
  readonly errors: number;
  readonly warnings: number;
  readonly isValid: boolean;
};

const printers: Readonly<Record<"text" | "json" | "sarif" | "github", (report: Report) => string>> = {
  text: reportToText,
  json: reportToJson,
  sarif: ({ workspace, problems }) =>
    formatJson(sarifOf(problems, sourceRootOf(workspace.path, process.env))),
  github: reportToGithub,
};

function reportToGithub({ workspace, problems }: Report): string {
  const root = sourceRootOf(workspace.path, process.env);
  const lines = problems.map(({ severity, code, file, position, message, hint }) =>
    annotationLine(
      {
        ...{ severity, title: code, at: { file, ...position } },
        message: hint === undefined ? message : `${message}\nhint: ${hint}`,
      },
      root,
    ),
  );
  return lines.join("");
}

function reportToJson({ workspace, problems, errors, warnings, isValid }: Report): string {
  return formatJson({
    workspace: workspace.path,
    valid: isValid,
    errors,
    warnings,
    problems: problems.map(({ severity, code, file, position, message, hint }) => ({
      severity,
      code,
      file,
      line: position?.line ?? null,
      column: position?.column ?? null,
      message,
      hint: hint ?? null,
    })),
  });
}

function reportToText({ workspace, problems, errors, warnings }: Report): string {
  const lines = linesIn(workspace);
  const blocks = workspace.blocks.length;
  const name = printable(workspace.settings.name);
  const summary =
    problems.length === 0
      ? `${name} is valid: ${counted(blocks, "block")}, no problems`
      : `${counted(errors, "error")}, ${counted(warnings, "warning")}`;
  const secret = new Set(problems.filter(({ code }) => code === "plain-secret").map(lineKey));
  const shown = problems.map((problem) => {
    const isHidden =
      isSecretsFile(problem.file) || (problem.code !== "plain-secret" && secret.has(lineKey(problem)));
    return formatProblem(problem, isHidden ? undefined : lines(problem.file));
  });
  return [...shown, `${summary}\n`].join("\n");
}

function lineKey({ file, position }: Problem): string {
  return `${file}:${position?.line}`;
}

function formatProblem(problem: Problem, lines: readonly string[] | undefined): string {
  const { severity, code, position, message, hint } = problem;
  const label = paint(stdout, severity === "error" ? "bad" : "warning", severity);
  const faint = (part: string) => paint(stdout, "faint", part);
  const excerpt =
    lines === undefined || position === undefined
      ? undefined
      : sourceExcerpt(lines, position, { secret: code === "plain-secret" });
  return [
    `${label}: ${problemLocation(problem)}: ${printable(message)} ${faint(`[${code}]`)}`,
    ...(excerpt === undefined ? [] : [faint(excerpt.replace(/^/gm, "  "))]),
    ...(hint === undefined ? [] : [`hint: ${printable(hint)}`]),
    "",
  ].join("\n");
}

/** Returns a function that reads the lines of a file of the workspace, each file once. */
function linesIn(workspace: Workspace): (file: string) => readonly string[] | undefined {
  const texts = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!texts.has(file)) {
      const read = readPolyText(workspace.path, file);
      texts.set(file, "text" in read ? linesOf(read.text) : undefined);
    }
    return texts.get(file);
  };
}
