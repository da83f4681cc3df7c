import { Composer, type ParsedNode, Parser, Schema, type YAMLParseError } from "yaml";

/** A problem at an offset of the text that was parsed. */
export type SyntaxProblem = { readonly message: string; readonly hint: string; readonly offset: number };

/**
 * Parses a text with line feeds only and no byte order mark. Scalars stay unresolved. Returns only the first syntax
 * problem, because it causes most of those after it; the tree is then a guess.
 */
export function parseYaml(text: string): {
  readonly root: ParsedNode | null;
  readonly problem: SyntaxProblem | undefined;
} {
  const forbidden = forbiddenCharacters.exec(text);
  if (forbidden) return { root: null, problem: forbiddenCharacter(text, forbidden.index) };
  const [document, ...others] = new Composer({ ...options, schema }).compose(
    new Parser().parse(text),
    true,
    text.length,
  );
  const errors = document?.errors ?? [];
  const [first] = errors;
  const root = document?.contents ?? null;
  if (errors.some(isTooDeep)) return { root: null, problem: tooDeep(0) };
  if (first) return { root, problem: describeError(text, first, errors) };
  const other = others.find(
    ({ contents, errors }) => errors.length > 0 || contents?.range[0] !== contents?.range[1],
  );
  return { root, problem: other && moreThanOneDocument(other.range[0]) };
}

/** Returns the problem of lists and maps that are nested more deeply than any configuration. */
export function tooDeep(offset: number): SyntaxProblem {
  return { message: "lists and maps are nested too deeply", hint: "flatten the value", offset };
}

/** Characters that a YAML file must not contain, as the Go program's library and PyYAML have it. */
const forbiddenCharacters = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

// Without tags the scalars are left to `plainScalar`; one schema for all documents, because making one takes time.
const schema = new Schema({ schema: "failsafe", resolveKnownTags: false });
// To find repeated keys yaml compares each with all before it, which takes minutes in a large map.
const options = { prettyErrors: false, uniqueKeys: false };

function forbiddenCharacter(text: string, offset: number): SyntaxProblem {
  const code = text.charCodeAt(offset);
  if (code === 0)
    return { message: "binary data instead of text", hint: "save the file as text in UTF-8", offset };
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  const hint = `remove it, or write it as \`\\u${hex}\` in double quotes`;
  return { message: `control character U+${hex}`, hint, offset };
}

const isTooDeep = ({ code }: YAMLParseError): boolean => code === "RESOURCE_EXHAUSTION";

function moreThanOneDocument(offset: number): SyntaxProblem {
  return { message: "more than one YAML document", hint: "keep only the first in the file", offset };
}

function describeError(
  text: string,
  error: YAMLParseError,
  errors: readonly YAMLParseError[],
): SyntaxProblem {
  const offset = offsetOfContent(text, error.pos[0]);
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const tab = /^ *\t/.exec(text.slice(lineStart, offset + 1));
  if (tab) {
    return {
      message: "a tab indents the line",
      hint: "indent with spaces",
      offset: lineStart + tab[0].length - 1,
    };
  }
  const unclosed = unclosedIndicator(text, error);
  if (unclosed) return unclosed;
  const key = errors.find(({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] === error.pos[0]);
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" && key) return indentedTooDeeply(text, key);
  const found = excerpt(text, offset, error);
  const isFirstOfLine = text.slice(lineStart, offset).trim() === "";
  if (isFirstOfLine && error.message.endsWith("at node end")) {
    return {
      message: `\`${found}\` is indented unlike the lines above`,
      hint: "align it with what it belongs to",
      offset,
    };
  }
  const wording = wordings.find(([code, pattern]) => code === error.code && pattern.test(error.message));
  const [, , message, hint] = wording ?? unexpected;
  return { message: message.replace("FOUND", () => found || "end of file"), hint, offset };
}

/** yaml often points to the white space before an error. */
function offsetOfContent(text: string, offset: number): number {
  const content = /[^ \n]/g;
  content.lastIndex = offset;
  const found = content.exec(text);
  return found === null ? offset : found.index;
}

function unclosedIndicator(text: string, { message, pos }: YAMLParseError): SyntaxProblem | undefined {
  const quote = /^Missing closing (["'])quote/.exec(message)?.[1];
  if (quote) {
    return {
      message: `\`${quote}\` is never closed`,
      hint: "close it, and indent each line of the text more than its key",
      offset: text.lastIndexOf(quote, pos[0] - 1),
    };
  }
  const close = /^Flow .* end with a ([\]}])$/.exec(message)?.[1];
  if (!close) return undefined;
  const open = close === "]" ? "[" : "{";
  return {
    message: `\`${open}\` is never closed`,
    hint: `close it with \`${close}\`, and indent each line up to there more than its key`,
    offset: lastUnmatched(text, pos[0], open, close),
  };
}

function lastUnmatched(text: string, end: number, open: string, close: string): number {
  let depth = 0;
  for (let offset = end - 1; offset >= 0; offset--) {
    if (text[offset] === close) depth++;
    else if (text[offset] === open && depth-- === 0) return offset;
  }
  return end;
}

function indentedTooDeeply(text: string, key: YAMLParseError): SyntaxProblem {
  const lastLine = text.lastIndexOf("\n", key.pos[1] - 1) + 1;
  const offset = offsetOfContent(text, lastLine);
  return {
    message: `\`${excerpt(text, offset, key)}\` is indented as if it went on with the value above`,
    hint: "align it with the key that it stands beside",
    offset,
  };
}

function excerpt(text: string, offset: number, { code, pos }: YAMLParseError): string {
  const [line = ""] = text.slice(offset, offset + 1000).split("\n", 1);
  const [word = ""] = /^(?:\\.|[^\s,[\]{}]+|.)/.exec(line) ?? [];
  const found =
    code === "BLOCK_AS_IMPLICIT_KEY"
      ? line
      : pos[1] - offset > 1
        ? line.slice(0, pos[1] - offset)
        : word.replace(/:$/, "");
  return found.length > 40 ? `${found.slice(0, 40)}…` : found;
}

const quoteIt = "put the whole value in quotes";

type Wording = readonly [code: string, yamls: RegExp, message: string, hint: string];

const unexpected: Wording = [
  "",
  /./,
  "unexpected `FOUND`",
  "put the value in quotes when it is meant as text",
];

/** yaml's error codes and messages, and polycrate's messages for them; FOUND is the text at that offset. */
const wordings: readonly Wording[] = [
  ["BLOCK_AS_IMPLICIT_KEY", /^Nested/, "`: ` inside the value `FOUND`", quoteIt],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    /./,
    "list item at an indentation of its own",
    "align its `-` with the items beside it",
  ],
  ["BAD_INDENT", /^Block scalar/, "a text block that is not indented", "indent it more than its key"],
  ["BAD_INDENT", /^All sequence/, "`FOUND` is indented unlike the items beside it", "align their `-`"],
  ["BAD_INDENT", /./, "`FOUND` is indented unlike the keys beside it", "align it with them"],
  [
    "MULTILINE_IMPLICIT_KEY",
    /./,
    "`FOUND` where a key is expected",
    "indent it when it belongs to the key above",
  ],
  [
    "MISSING_CHAR",
    /^Implicit map keys/,
    "`FOUND` is no `key: value`",
    "write `: ` after a key; indent a line that goes on with the value above",
  ],
  ["MISSING_CHAR", /^Missing ,/, "no `,` before `FOUND`", "separate the entries with `, `"],
  ["MISSING_CHAR", /^Missing space/, "no space after `:`", "write `: ` after a key"],
  [
    "MISSING_CHAR",
    /^Sequence item/,
    "`FOUND` is no item of the list",
    "begin it with `- `, or align it with the item's keys",
  ],
  [
    "MISSING_CHAR",
    /^Comments/,
    "`#` directly after a value",
    "put a space before `#`, or the value in quotes",
  ],
  [
    "MISSING_CHAR",
    /leading empty lines/,
    "an empty line with more spaces than the text below",
    "remove its spaces",
  ],
  ["BAD_SCALAR_START", /./, "a plain value cannot begin as in `FOUND`", quoteIt],
  ["BAD_DQ_ESCAPE", /./, "unknown escape `FOUND`", "use single quotes, or write `\\\\` for a backslash"],
  [
    "KEY_OVER_1024_CHARS",
    /./,
    "a key longer than 1024 characters",
    "begin it with `? ` and its value with `: `",
  ],
  ["UNEXPECTED_TOKEN", /at node end$/, "`FOUND` after the end of a value", quoteIt],
  [
    "UNEXPECTED_TOKEN",
    /same line with key$/,
    "a list on the line of its key",
    "begin it on a line of its own",
  ],
  ["UNEXPECTED_TOKEN", /^Block scalar header/, "text after `FOUND`", "begin the text on the next line"],
  ["UNEXPECTED_TOKEN", /^Unexpected (?:,|empty)/, "`,` with no entry before it", "remove it"],
  ["MULTIPLE_ANCHORS", /./, "a second anchor on one value", "remove one"],
  ["MULTIPLE_TAGS", /./, "a second tag on one value", "remove one"],
  ["ALIAS_PROPS", /./, "an alias with an anchor or a tag of its own", "remove it"],
  [
    "TAG_RESOLVE_FAILED",
    /./,
    "unknown tag `FOUND`",
    "remove it, or put the value in quotes when `!` is a part of it",
  ],
  [
    "MISSING_CHAR",
    /directives-end/,
    "a directive with no `---` after it",
    "remove the line that begins with `%`",
  ],
  ["BAD_DIRECTIVE", /./, "unknown directive `FOUND`", "remove the line"],
];
