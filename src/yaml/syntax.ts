import { Composer, type ParsedNode, Parser, Schema, type YAMLParseError } from "yaml";
import { forbiddenCharacters } from "./linePositions.ts";

/** A problem at an offset of the text that was parsed. */
export type SyntaxProblem = { readonly message: string; readonly hint: string; readonly offset: number };

/**
 * Parses a text with line feeds only and no byte order mark. Scalars stay unresolved. Returns only the first syntax
 * problem, because it causes most of the others; the tree is then a guess.
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

/** Returns the problem for lists and maps that are nested too deeply. */
export function tooDeep(offset: number): SyntaxProblem {
  return { message: "lists and maps are nested too deeply", hint: "flatten the value", offset };
}

// Without tags the scalars are left to `plainScalar`. One schema for all documents, because creating one takes time.
const schema = new Schema({ schema: "failsafe", resolveKnownTags: false });
// To find repeated keys yaml compares each with all before it, which takes minutes in a large map.
const options = { prettyErrors: false, uniqueKeys: false };

function forbiddenCharacter(text: string, offset: number): SyntaxProblem {
  const code = text.charCodeAt(offset);
  if (code === 0) return { message: "the file is binary", hint: "save the file as UTF-8 text", offset };
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  const hint = `remove it, or write it as \`\\u${hex}\` in double quotes`;
  return { message: `unexpected control character U+${hex}`, hint, offset };
}

const isTooDeep = ({ code }: YAMLParseError): boolean => code === "RESOURCE_EXHAUSTION";

function moreThanOneDocument(offset: number): SyntaxProblem {
  return {
    message: "the file has more than one YAML document",
    hint: "keep only the first document",
    offset,
  };
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
      message: "the line is indented with a tab",
      hint: "indent it with spaces",
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
      message: `\`${found}\` is not aligned with the lines above`,
      hint: "align it with the lines it belongs to",
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
      message: `\`${quote}\` is not closed`,
      hint: "close it, and indent every line of the value more than its key",
      offset: text.lastIndexOf(quote, pos[0] - 1),
    };
  }
  const close = /^Flow .* end with a ([\]}])$/.exec(message)?.[1];
  if (!close) return undefined;
  const open = close === "]" ? "[" : "{";
  return {
    message: `\`${open}\` is not closed`,
    hint: `close it with \`${close}\`, and indent every line of the value more than its key`,
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
    message: `\`${excerpt(text, offset, key)}\` is indented as a continuation of the value above`,
    hint: "align it with the keys of the same mapping",
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

const quoteIt = "quote the whole value";

type Wording = readonly [code: string, yamls: RegExp, message: string, hint: string];

const unexpected: Wording = ["", /./, "unexpected `FOUND`", "quote the value if it is text"];

/** Error codes and messages of yaml, and polycrate's messages for them; FOUND is the text at that offset. */
const wordings: readonly Wording[] = [
  ["BLOCK_AS_IMPLICIT_KEY", /^Nested/, "the value `FOUND` contains `: `", quoteIt],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    /./,
    "the list item is not aligned with the others",
    "align its `-` with the others",
  ],
  ["BAD_INDENT", /^Block scalar/, "the text block is not indented", "indent it more than its key"],
  [
    "BAD_INDENT",
    /^All sequence/,
    "`FOUND` is not aligned with the other items",
    "align the `-` of all items",
  ],
  ["BAD_INDENT", /./, "`FOUND` is not aligned with the other keys", "align it with them"],
  [
    "MULTILINE_IMPLICIT_KEY",
    /./,
    "expected a key, found `FOUND`",
    "indent it if it belongs to the key above",
  ],
  [
    "MISSING_CHAR",
    /^Implicit map keys/,
    "`FOUND` is not a `key: value` pair",
    "write `: ` after a key; indent a line that continues the value above",
  ],
  ["MISSING_CHAR", /^Missing ,/, "missing `,` before `FOUND`", "separate the entries with `, `"],
  ["MISSING_CHAR", /^Missing space/, "missing space after `:`", "write `: ` after a key"],
  [
    "MISSING_CHAR",
    /^Sequence item/,
    "`FOUND` is not an item of the list",
    "begin it with `- `, or align it with the item's keys",
  ],
  [
    "MISSING_CHAR",
    /^Comments/,
    "missing space before `#`",
    "put a space before a comment, or quote the value",
  ],
  [
    "MISSING_CHAR",
    /leading empty lines/,
    "an empty line has more spaces than the text below it",
    "remove its spaces",
  ],
  ["BAD_SCALAR_START", /./, "an unquoted value cannot begin like `FOUND`", quoteIt],
  ["BAD_DQ_ESCAPE", /./, "unknown escape `FOUND`", "use single quotes, or write `\\\\` for a backslash"],
  [
    "KEY_OVER_1024_CHARS",
    /./,
    "the key is longer than 1024 characters",
    "begin it with `? ` and its value with `: `",
  ],
  ["UNEXPECTED_TOKEN", /at node end$/, "unexpected `FOUND` after the end of a value", quoteIt],
  [
    "UNEXPECTED_TOKEN",
    /same line with key$/,
    "the list begins on the line of its key",
    "begin it on the next line",
  ],
  [
    "UNEXPECTED_TOKEN",
    /^Block scalar header/,
    "unexpected text after `FOUND`",
    "begin the text on the next line, or quote the value",
  ],
  ["UNEXPECTED_TOKEN", /^Unexpected (?:,|empty)/, "missing entry before `,`", "remove it"],
  ["MULTIPLE_ANCHORS", /./, "the value has two anchors", "remove one of them"],
  ["MULTIPLE_TAGS", /./, "the value has two tags", "remove one of them"],
  ["ALIAS_PROPS", /./, "the alias has an anchor or a tag", "remove it"],
  ["TAG_RESOLVE_FAILED", /./, "unknown tag `FOUND`", "remove it, or quote the value if `!` is part of it"],
  [
    "MISSING_CHAR",
    /directives-end/,
    "a directive has no `---` after it",
    "remove the line that begins with `%`",
  ],
  ["BAD_DIRECTIVE", /./, "unknown directive `FOUND`", "remove the line"],
];
