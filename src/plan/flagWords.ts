import { exitCodes, PolycrateError } from "../errors.ts";
import { quote } from "./words.ts";

/** What a flag of the workspace may be expanded with, without a shell being started. */
export type Surroundings = {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** What `$(pwd)` means: the workspace, so that a run does not depend on where it was started. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Throws (65), naming the entry of `docker_flags` that is meant. */
export function refuseFlag(message: string, entry: string, hint: string): never {
  throw new PolycrateError(`\`config.container.docker_flags\`: ${message} (in \`${entry}\`)`, {
    hint,
    exitCode: exitCodes.invalidWorkspace,
  });
}

type Piece = { readonly value: string; readonly written: string };

/**
 * Returns the words of an entry as a shell would split it, quotes honoured and expanded without a shell, each with how it is
 * written. Throws (65) on quotes that are not closed, other expansions and unset variables.
 */
export function splitWords(
  entry: string,
  surroundings: Surroundings,
): readonly { value: string; written: string }[] {
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
    const taken = takePiece(rest, current === undefined, entry, surroundings);
    for (const piece of taken.pieces) add(piece);
    rest = rest.slice(taken.length);
  }
  return words.map((pieces) => ({
    value: pieces.map((piece) => piece.value).join(""),
    written: joinWritten(pieces),
  }));
}

function takePiece(
  rest: string,
  first: boolean,
  entry: string,
  surroundings: Surroundings,
): { pieces: readonly Piece[]; length: number } {
  const single = /^'([^']*)'/.exec(rest);
  if (single !== null) return { pieces: [literal(single[1] ?? "")], length: single[0].length };
  if (rest.startsWith('"')) return takeDoubleQuoted(rest, entry, surroundings);
  if (rest.startsWith("'")) refuseFlag("a quote is not closed", entry, "close it, or write it as `\\'`");
  if (rest.startsWith("\\")) return { pieces: [literal(rest.slice(1, 2))], length: 2 };
  const expansion = takeExpansion(rest, entry, surroundings);
  if (expansion !== undefined) return { pieces: [expansion.piece], length: expansion.length };
  const home = first ? /^~(?=\/|\s|$)/.exec(rest) : null;
  if (home !== null) return { pieces: [{ value: surroundings.home, written: '"$HOME"' }], length: 1 };
  const bare = /^(?:[^\s'"\\$`~]|~)[^\s'"\\$`]*/.exec(rest)?.[0] ?? rest.slice(0, 1);
  return { pieces: [literal(bare)], length: bare.length };
}

function takeDoubleQuoted(
  rest: string,
  entry: string,
  surroundings: Surroundings,
): { pieces: readonly Piece[]; length: number } {
  const pieces: Piece[] = [literal("")];
  let index = 1;
  while (index < rest.length) {
    const character = rest[index] ?? "";
    if (character === '"') return { pieces, length: index + 1 };
    const expansion = takeExpansion(rest.slice(index), entry, surroundings);
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
  return refuseFlag("a quote is not closed", entry, 'close it, or write it as `\\"`');
}

function takeExpansion(
  rest: string,
  entry: string,
  surroundings: Surroundings,
): { piece: Piece; length: number } | undefined {
  const { uid, gid, directory, environment } = surroundings;
  const command = /^\$\(\s*(id\s+-u|id\s+-g|pwd)\s*\)/.exec(rest);
  if (command !== null) {
    const name = (command[1] ?? "").replace(/\s+/g, " ");
    if (name === "pwd") return { piece: literal(directory), length: command[0].length };
    const value = String(name === "id -u" ? uid : gid);
    return { piece: { value, written: `"$(${name})"` }, length: command[0].length };
  }
  if (rest.startsWith("$(") || rest.startsWith("`")) {
    refuseFlag(
      "no command is run to expand a flag",
      entry,
      "only `$(id -u)`, `$(id -g)`, `$(pwd)`, `$VAR` and `~` are expanded",
    );
  }
  const variable = /^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/.exec(rest);
  if (variable === null) {
    if (/^\$\{/.test(rest))
      refuseFlag("only plain `${NAME}` is expanded", entry, "set the variable before the run");
    return rest.startsWith("$") ? { piece: literal("$"), length: 1 } : undefined;
  }
  const name = variable[1] ?? variable[2] ?? "";
  const value = environment[name];
  if (value === undefined)
    refuseFlag(`the variable \`${name}\` is not set`, entry, `set it: \`export ${name}=…\``);
  return { piece: { value, written: `"\${${name}?}"` }, length: variable[0].length };
}

function literal(text: string): Piece {
  return { value: text, written: "" };
}

/** Neighbouring literal pieces are quoted as one, so that a printed word looks like one that a person would write. */
function joinWritten(pieces: readonly Piece[]): string {
  let written = "";
  let plain: string | undefined;
  const flush = () => {
    if (plain !== undefined && plain !== "") written += quote(plain);
    plain = undefined;
  };
  for (const piece of pieces) {
    if (piece.written === "") plain = (plain ?? "") + piece.value;
    else {
      flush();
      written += piece.written;
    }
  }
  flush();
  return written === "" ? "''" : written;
}
