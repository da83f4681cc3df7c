import { label } from "../engine/labels.ts";
import type { Workspace } from "../workspace/load.ts";
import type { Target } from "./target.ts";

/** Returns a readable name for `docker ps`, unique by the random end of the transaction id. */
export function containerName(workspace: Workspace, { block, action }: Target, transaction: string): string {
  const words = [workspace.settings.name, block?.resolved.name, action?.name].filter(
    (word) => word !== undefined,
  );
  const readable = inAscii(words.join("-"))
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .slice(0, 80);
  return `polycrate-${readable}-${transaction.slice(-12)}`;
}

/** docker accepts only ASCII letters in names. Letters that are not Latin are replaced by `-`. */
function inAscii(text: string): string {
  const spelled = text.replace(/[ßæøœłđðþÆØŒŁĐÐÞı]/g, (letter) => likeness[letter] ?? letter);
  return spelled.normalize("NFKD").replace(/\p{M}+/gu, "");
}

const likeness: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", ø: "o", œ: "oe", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" },
  ...{ Æ: "Ae", Ø: "O", Œ: "Oe", Ł: "L", Đ: "D", Ð: "D", Þ: "Th" },
};

/** Returns the labels that identify the container, as `NAME=VALUE`. */
export function containerLabels(
  workspace: Workspace,
  { block, action }: Target,
  transaction: string,
): readonly string[] {
  return [
    label("transaction", transaction),
    label("workspace", workspace.path),
    ...(block === undefined ? [] : [label("block", block.resolved.name)]),
    ...(action === undefined ? [] : [label("action", action.name)]),
  ];
}
