import { type ArgsDef, type CommandDef, parseArgs } from "citty";
import { PolycrateError, printable } from "../errors.ts";
import { cacheFolderOf } from "../host/cacheFile.ts";
import { stderr } from "../host/output.ts";
import { findAction } from "../run/findTarget.ts";
import { buildId } from "../version.ts";
import type { InputDeclaration } from "../workspace/inputs/declarations.ts";
import { runFlags } from "../workspace/inputs/runFlags.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { workspaceLocation } from "../workspace/locate.ts";
import type { ReferenceRow } from "./commandReference.ts";
import { finished, heading, helpSection } from "./help.ts";
import { valueHints } from "./inputFlags.ts";
import { wrapWords } from "./output/wrapWords.ts";
import { checkCommandLine } from "./parseArgs.ts";
import { declaredInputs } from "./readInputs.ts";

/**
 * Returns the help of the action that the words of `polycrate run … --help` name: its description and inputs. Undefined when they
 * name none, or it cannot be loaded; that is reported on standard error, and the help of `run` still helps.
 */
export async function actionHelp(
  command: CommandDef<ArgsDef>,
  words: readonly string[],
  columns: number,
): Promise<string | undefined> {
  try {
    const definition = await (typeof command.args === "function" ? command.args() : (command.args ?? {}));
    const dashes = words.indexOf("--");
    const own = (dashes < 0 ? words : words.slice(0, dashes)).filter(
      (word) => word !== "--help" && word !== "-h",
    );
    const checked = checkCommandLine("run", definition, own, "not known yet");
    const { block, action, workspace } = parseArgs([...checked.words], definition);
    if (typeof block !== "string" || typeof action !== "string") return undefined;
    return inputsHelp(block, action, typeof workspace === "string" ? workspace : undefined, columns);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    stderr.write(`warning: cannot show the inputs of the action: ${printable(error.message)}\n`);
    return undefined;
  }
}

function inputsHelp(block: string, action: string, folder: string | undefined, columns: number): string {
  const uid = process.getuid?.() ?? 0;
  const location = workspaceLocation(folder, process.env, process.cwd(), uid);
  const workspace = loadWorkspace(location, {
    cacheFolder: cacheFolderOf(process.env, uid, buildId),
    withoutSecrets: true,
  });
  const target = findAction(workspace, block, action);
  const declarations = declaredInputs(target);
  const description = printable((target.action.settings.description ?? "").trim(), true);
  const usage = `polycrate run ${printable(`${block} ${action}`)} [FLAGS] [-- ARGUMENTS]`;
  const secrets = declarations.filter(({ secret }) => secret);
  return finished([
    ...(description === ""
      ? []
      : [...description.split("\n").flatMap((line) => wrapWords(line, columns)), ""]),
    ...wrapWords(`${heading("Usage:")} ${usage}`, columns, 2),
    ...helpSection("Inputs", declarations.filter(({ secret }) => !secret).flatMap(inputRows), columns),
    ...helpSection("Secret inputs", secrets.map(secretRow), columns),
    "",
    ...(declarations.length === 0 ? ["The action has no inputs.", ""] : []),
    ...wrapWords(
      "`polycrate run --help` shows the flags, and `polycrate help inputs` explains inputs.",
      columns,
    ),
  ]);
}

function inputRows(declaration: InputDeclaration): readonly ReferenceRow[] {
  const { name, type, choices, required, default: preset } = declaration;
  const note = preset !== undefined ? `Default: ${preset}.` : required ? "Required." : "";
  const meaning = [sentence(declaration.description), note].filter((text) => text !== "").join(" ");
  const hint = choices.length > 0 ? choices.join("|") : valueHints[type];
  if (runFlags.has(name)) return [[printable(`--input=${name}=${hint}`), printable(meaning)]];
  if (type !== "boolean") return [[printable(`--${name}=${hint}`), printable(meaning)]];
  return [
    [`--${name}`, printable(meaning)],
    [`--no-${name}`, ""],
  ];
}

function secretRow({ variable, description, required }: InputDeclaration): ReferenceRow {
  const source = `Set it in the environment${required ? "; on a terminal, polycrate asks for it" : ""}.`;
  return [variable, printable(`${sentence(description)} ${source}`.trim())];
}

function sentence(description: string | undefined): string {
  const text = (description ?? "").trim().replaceAll("\n", " ");
  return text === "" || /[.!?…]$/.test(text) ? text : `${text}.`;
}
