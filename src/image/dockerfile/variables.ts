/**
 * What is known about a variable. `assumed` are the `ARG`s whose default applies as long as no base image sets an
 * `ENV` of that name; a value is `unknown` for a reason that can be shown to the user.
 */
export type VariableValue =
  | { readonly kind: "set"; readonly text: string; readonly assumed: readonly string[] }
  | { readonly kind: "unset"; readonly assumed: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

/** A word with its variables replaced and its quotes removed, or why that is not possible. */
export type Expanded = Exclude<VariableValue, { kind: "unset" }>;

/**
 * Expands `$X`, `${X}` and the forms `:- - :+ + :? ?` as docker's builders do, quotes and escapes included. A variable
 * that is unset where its value is needed makes the word unknown.
 */
export function expandWord(
  word: string,
  escapeToken: string,
  lookUp: (name: string) => VariableValue,
): Expanded {
  const reader = { word, at: 0, escapeToken, lookUp, depth: 0, assumed: new Set<string>() };
  const part = expandPart(reader, "");
  return "reason" in part
    ? { kind: "unknown", reason: part.reason }
    : { kind: "set", text: part.text, assumed: [...reader.assumed] };
}

type WordReader = {
  readonly word: string;
  readonly escapeToken: string;
  readonly lookUp: (name: string) => VariableValue;
  readonly assumed: Set<string>;
  at: number;
  depth: number;
};

type ExpandedPart = { readonly text: string } | { readonly reason: string };

/** Deeper nesting has no use, and would overflow the stack. */
const deepestNesting = 50;

function expandPart(reader: WordReader, stop: string): ExpandedPart {
  let text = "";
  while (reader.at < reader.word.length) {
    const char = reader.word.charAt(reader.at);
    if (char === stop) {
      reader.at++;
      return { text };
    }
    const part = expandPiece(reader, char);
    if ("reason" in part) return part;
    text += part.text;
  }
  return stop === "" ? { text } : malformed(reader);
}

function expandPiece(reader: WordReader, char: string): ExpandedPart {
  if (char === "$") return expandVariable(reader);
  reader.at++;
  if (char === "'") return readSingleQuoted(reader);
  if (char === '"') return readDoubleQuoted(reader);
  return { text: char === reader.escapeToken ? reader.word.charAt(reader.at++) : char };
}

function readSingleQuoted(reader: WordReader): ExpandedPart {
  const end = reader.word.indexOf("'", reader.at);
  if (end === -1) return malformed(reader);
  const text = reader.word.slice(reader.at, end);
  reader.at = end + 1;
  return { text };
}

function readDoubleQuoted(reader: WordReader): ExpandedPart {
  let text = "";
  while (reader.at < reader.word.length) {
    const char = reader.word.charAt(reader.at);
    if (char === "$") {
      const part = expandVariable(reader);
      if ("reason" in part) return part;
      text += part.text;
      continue;
    }
    reader.at++;
    if (char === '"') return { text };
    const escaped = reader.word.charAt(reader.at);
    const isEscape = char === reader.escapeToken && ['"', "$", reader.escapeToken].includes(escaped);
    text += isEscape ? escaped : char;
    if (isEscape) reader.at++;
  }
  return malformed(reader);
}

function expandVariable(reader: WordReader): ExpandedPart {
  const braced = reader.word.charAt(++reader.at) === "{";
  if (braced) reader.at++;
  const name = readName(reader);
  if (!braced) return name === "" ? { text: "$" } : plainValue(reader, name);
  if (name === "") return malformed(reader);
  const [operator = ""] = /^:?[-+?]|^\}/.exec(reader.word.slice(reader.at, reader.at + 2)) ?? [];
  reader.at += operator.length;
  if (operator === "}") return plainValue(reader, name);
  if (operator === "") return malformed(reader);
  if (++reader.depth > deepestNesting) return malformed(reader);
  const alternative = expandPart(reader, "}");
  reader.depth--;
  return chooseValue(reader, name, operator, alternative);
}

function readName(reader: WordReader): string {
  const [name = ""] =
    /^(?:\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(reader.word.slice(reader.at)) ?? [];
  reader.at += name.length;
  return name;
}

function plainValue(reader: WordReader, name: string): ExpandedPart {
  const value = reader.lookUp(name);
  if (value.kind === "unknown") return { reason: value.reason };
  if (value.kind === "unset") return { reason: `\`$${name}\` has no default` };
  return assume(reader, value.assumed, value.text);
}

function chooseValue(
  reader: WordReader,
  name: string,
  operator: string,
  alternative: ExpandedPart,
): ExpandedPart {
  const value = reader.lookUp(name);
  if (value.kind === "unknown") return { reason: value.reason };
  const isSet = value.kind === "set" && (value.text !== "" || !operator.startsWith(":"));
  if (isSet && !operator.endsWith("+")) return assume(reader, value.assumed, value.text);
  if (operator.endsWith("?")) return { reason: `\`$${name}\` has no default` };
  if (!isSet && operator.endsWith("+")) return assume(reader, value.assumed, "");
  return "reason" in alternative ? alternative : assume(reader, value.assumed, alternative.text);
}

function assume(reader: WordReader, names: readonly string[], text: string): ExpandedPart {
  for (const name of names) reader.assumed.add(name);
  return { text };
}

function malformed(reader: WordReader): ExpandedPart {
  return { reason: `\`${reader.word}\` is too complex for polycrate to expand` };
}
