import { exitCodes, PolycrateError } from "../../errors.ts";
import { quote } from "../../host/arg.ts";

/** The values that a flag of the workspace is expanded with; no shell is started. */
export type ExpansionContext = {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** The value of `$(pwd)`: the workspace, so that a run does not depend on the caller's directory. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Returns the error (65) for an entry; the caller adds which entry it is. */
export function flagError(message: string, hint: string): PolycrateError {
  return new PolycrateError(message, { hint, exitCode: exitCodes.invalidWorkspace });
}

/** A part of a word: literal when `written` is empty, else with the shell expression of its value. */
type Piece = { readonly value: string; readonly written: string; readonly isVariable?: true };

/** A word of an entry: its value here, how it is written for a shell, and its pieces. */
export type SplitWord = {
  readonly value: string;
  readonly written: string;
  readonly pieces: readonly Piece[];
};

/**
 * Returns the words of an entry as a shell would split it, with quotes and expansions, without a shell. Throws (65) on
 * quotes that are not closed, other expansions and unset variables.
 */
export function splitWords(entry: string, context: ExpansionContext): readonly SplitWord[] {
  const words: Piece[][] = [];
  let current: Piece[] | undefined;
  let rest = entry;
  const add = (piece: Piece) => {
    if (current === undefined) {
      current = [];
      words.push(current);
    }
    current.push(piece);
  };
  while (rest !== "") {
    const space = /^[ \t\r\n]+/.exec(rest)?.[0];
    if (space !== undefined) {
      current = undefined;
      rest = rest.slice(space.length);
      continue;
    }
    const next = takePiece(rest, current === undefined, context);
    for (const piece of next.pieces) add(piece);
    rest = rest.slice(next.length);
  }
  return words.map(joinPieces);
}

/** `NAME` or `NAME=value`; the value remembers how it is written when a variable of the caller is in it. */
export type FlagAssignment = {
  readonly name: string;
  readonly value: string | undefined;
  readonly written: string | undefined;
};

/** Returns the variable that a word sets, its first `skipped` characters left out. Throws (65) when its name is expanded. */
export function assignmentIn({ pieces, written }: SplitWord, skipped: number): FlagAssignment {
  const [first, ...rest] = pieces;
  const text = first?.written === "" ? first.value.slice(skipped) : "";
  const at = text.indexOf("=");
  if (at < 0 && rest.length === 0 && text !== "") return { name: text, value: undefined, written: undefined };
  if (at < 1) {
    throw flagError(
      `\`${written}\` does not name a variable`,
      "write `--env=NAME=value`; only the value is expanded",
    );
  }
  const value = joinPieces([literal(text.slice(at + 1)), ...rest]);
  const isVariable = rest.some((piece) => piece.isVariable === true);
  return {
    name: text.slice(0, at),
    value: value.value,
    written: isVariable ? value.written : undefined,
  };
}

/** Neighbouring literal pieces become one. */
function joinPieces(pieces: readonly Piece[]): SplitWord {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.written === "" && piece.written === "") joined.splice(-1, 1, literal(last.value + piece.value));
    else joined.push(piece);
  }
  return {
    value: joined.map(({ value }) => value).join(""),
    written:
      joined.map(({ value, written }) => written || (value === "" ? "" : quote(value))).join("") || "''",
    pieces: joined,
  };
}

function takePiece(
  rest: string,
  first: boolean,
  context: ExpansionContext,
): { pieces: readonly Piece[]; length: number } {
  const single = /^'([^']*)'/.exec(rest);
  if (single !== null) return { pieces: [literal(single[1] ?? "")], length: single[0].length };
  if (rest.startsWith('"')) return takeDoubleQuoted(rest, context);
  if (rest.startsWith("'")) throw flagError("a quote is not closed", "close it, or write it as `\\'`");
  if (rest.startsWith("\\")) return { pieces: [literal(rest.slice(1, 2))], length: 2 };
  const expansion = takeExpansion(rest, context);
  if (expansion !== undefined) return { pieces: [expansion.piece], length: expansion.length };
  const home = first ? /^~(?=\/|\s|$)/.exec(rest) : null;
  if (home !== null) return { pieces: [{ value: context.home, written: '"$HOME"' }], length: 1 };
  const bare = /^(?:[^\s'"\\$`~]|~)[^\s'"\\$`]*/.exec(rest)?.[0] ?? rest.slice(0, 1);
  return { pieces: [literal(bare)], length: bare.length };
}

function takeDoubleQuoted(
  rest: string,
  context: ExpansionContext,
): { pieces: readonly Piece[]; length: number } {
  const pieces: Piece[] = [literal("")];
  let index = 1;
  while (index < rest.length) {
    const character = rest[index] ?? "";
    if (character === '"') return { pieces, length: index + 1 };
    const expansion = takeExpansion(rest.slice(index), context);
    if (expansion !== undefined) {
      pieces.push(expansion.piece);
      index += expansion.length;
    } else if (character === "\\" && '"\\$`'.includes(rest[index + 1] ?? "x")) {
      pieces.push(literal(rest[index + 1] ?? ""));
      index += 2;
    } else {
      pieces.push(literal(character));
      index += 1;
    }
  }
  throw flagError("a quote is not closed", 'close it, or write it as `\\"`');
}

function takeExpansion(
  rest: string,
  context: ExpansionContext,
): { piece: Piece; length: number } | undefined {
  const { uid, gid, directory, environment } = context;
  const command = /^\$\(\s*(id\s+-u|id\s+-g|pwd)\s*\)/.exec(rest);
  if (command !== null) {
    const name = (command[1] ?? "").replace(/\s+/g, " ");
    if (name === "pwd") return { piece: literal(directory), length: command[0].length };
    const value = String(name === "id -u" ? uid : gid);
    return { piece: { value, written: `"$(${name})"` }, length: command[0].length };
  }
  if (rest.startsWith("$(") || rest.startsWith("`")) {
    throw flagError(
      "command substitution is not supported in flags",
      "only `$(id -u)`, `$(id -g)`, `$(pwd)`, `$VAR` and `~` are expanded",
    );
  }
  const variable = /^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/.exec(rest);
  if (variable === null) {
    if (/^\$\{/.test(rest))
      throw flagError("only `${NAME}` is supported, without operators", "set the variable before the run");
    return rest.startsWith("$") ? { piece: literal("$"), length: 1 } : undefined;
  }
  const name = variable[1] ?? variable[2] ?? "";
  const value = environment[name];
  if (value === undefined)
    throw flagError(`the variable \`${name}\` is not set`, `set it: \`export ${name}=…\``);
  return { piece: { value, written: `"\${${name}?}"`, isVariable: true }, length: variable[0].length };
}

function literal(text: string): Piece {
  return { value: text, written: "" };
}
