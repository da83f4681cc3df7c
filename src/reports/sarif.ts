import { pathToFileURL } from "node:url";
import type { ArtifactLocation, Location, Log, ReportingDescriptor, Result } from "sarif";
import { version } from "../version.ts";
import { problemCodes } from "../workspace/poly/problemCodes.ts";
import type { Problem } from "../workspace/poly/problems.ts";
import { pathBelow, type SourceRoot } from "./sourceRoot.ts";

/**
 * Returns the problems of a workspace as a SARIF 2.1.0 log (OASIS), whose rules are all codes of problems. Paths of files in
 * the workspace are relative to `%SRCROOT%`, which is the root.
 */
export function sarifOf(problems: readonly Problem[], root: SourceRoot): Log {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "polycrate", version, rules } },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { [rootId]: { uri: pathToFileURL(`${root.root}/`).href } },
        results: problems.map((problem) => sarifResult(problem, root)),
      },
    ],
  };
}

const rootId = "%SRCROOT%";

const rules: ReportingDescriptor[] = Object.entries(problemCodes).map(([id, text]) => ({
  id,
  shortDescription: { text },
}));

function sarifResult(problem: Problem, root: SourceRoot): Result {
  const { code, severity, message, hint } = problem;
  return {
    ruleId: code,
    ruleIndex: rules.findIndex(({ id }) => id === code),
    level: severity,
    message: { text: hint === undefined ? message : `${message}\nhint: ${hint}` },
    locations: [sarifLocation(problem, root)],
  };
}

function sarifLocation({ file, position }: Problem, root: SourceRoot): Location {
  const region =
    position === undefined ? {} : { region: { startLine: position.line, startColumn: position.column } };
  return { physicalLocation: { artifactLocation: artifactAt(file, root), ...region } };
}

function artifactAt(file: string, root: SourceRoot): ArtifactLocation {
  if (file.startsWith("/")) return { uri: pathToFileURL(file).href };
  const uri = pathBelow(root, file).split("/").map(encodeURIComponent).join("/");
  return { uri, uriBaseId: rootId };
}
