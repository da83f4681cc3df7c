/**
 * One instruction as the builder reads it, continued lines joined. `line` is where it starts and `lastLine` where it ends,
 * without heredocs, counted from 1; `text` is the first line as written; `rest` is what follows the flags; `heredocs` are the
 * words that open one.
 */
export type DockerfileInstruction = {
  readonly keyword: string;
  readonly line: number;
  readonly lastLine: number;
  readonly text: string;
  readonly flags: readonly string[];
  readonly rest: string;
  readonly heredocs: readonly string[];
};

/** `escapeToken` and `syntax` are from the directives at the top; versions of docker join `ambiguous` lines differently. */
export type DockerfileLines = {
  readonly escapeToken: string;
  readonly syntax: { readonly value: string; readonly line: number } | undefined;
  readonly instructions: readonly DockerfileInstruction[];
  readonly ambiguous: readonly number[];
};

/** Splits a Dockerfile into instructions by the rules of BuildKit's parser, which the classic builder shares. Accepts any text. */
export function dockerfileLines(text: string): DockerfileLines {
  const lines = text.split(/\r?\n/);
  const { escapeToken, syntax } = directivesOf(lines);
  const instructions: DockerfileInstruction[] = [];
  const ambiguous: number[] = [];
  let next = 0;
  while (next < lines.length) {
    const start = next;
    const joined = joinedLine(lines, start, escapeToken);
    next = joined.next;
    if (joined.text === "") continue;
    if (joined.ambiguous) ambiguous.push(start + 1);
    const parsed = parseInstruction(joined.text);
    const heredocs = heredocsOf(parsed, lines, next);
    next = heredocs.next;
    const text = (lines[start] ?? "").trim();
    const place = { line: start + 1, lastLine: joined.next };
    instructions.push({ ...parsed, ...place, text, heredocs: heredocs.words });
  }
  return { escapeToken, syntax, instructions, ambiguous };
}

/** Returns the instruction that `ONBUILD` adds to a later build. */
export function triggerOf(instruction: DockerfileInstruction): DockerfileInstruction {
  return { ...instruction, ...parseInstruction(instruction.rest) };
}

/** Returns the words of `COPY`, `ADD` and `FROM`: a JSON list, or separated by white space and with their quotes. */
export function instructionWords(rest: string): readonly string[] {
  return jsonWords(rest) ?? rest.split(blanks).filter((word) => word !== "");
}

/** Returns the words of `ENV` and `ARG`, where quotes and the escape character protect white space and stay in the word. */
export function quotedWords(rest: string, escapeToken: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < rest.length; at++) {
    const char = rest.charAt(at);
    if (quote === "" && /\s/.test(char)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    if (char === escapeToken && quote !== "'") {
      word += at + 1 < rest.length ? char + rest.charAt(++at) : "";
      continue;
    }
    if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = "";
    word += char;
  }
  return word === "" ? words : [...words, word];
}

const blanks = /[\t\v\f\r ]+/;

const directive = /^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/;

function directivesOf(lines: readonly string[]): Pick<DockerfileLines, "escapeToken" | "syntax"> {
  const found = new Map<string, { readonly value: string; readonly line: number }>();
  for (const [index, line] of lines.entries()) {
    const [, name, value] = directive.exec(line.trimStart()) ?? [];
    const key = name?.toLowerCase();
    if (value === undefined || key === undefined || !["escape", "syntax", "check"].includes(key)) break;
    if (!found.has(key)) found.set(key, { value, line: index + 1 });
  }
  return { escapeToken: found.get("escape")?.value === "`" ? "`" : "\\", syntax: found.get("syntax") };
}

type Joined = { readonly text: string; readonly next: number; readonly ambiguous: boolean };

function joinedLine(lines: readonly string[], start: number, escapeToken: string): Joined {
  const continued = escapeToken === "`" ? /`[ \t]*$/ : /\\[ \t]*$/;
  let text = "";
  let ambiguous = false;
  for (let at = start; at < lines.length; at++) {
    const raw = lines[at] ?? "";
    const line = at === start ? raw.trimStart() : raw; // this removes a byte order mark too
    const skipped = line.trimStart() === "" || line.trimStart().startsWith("#");
    if (skipped && at === start) return { text: "", next: at + 1, ambiguous };
    if (skipped) continue;
    ambiguous ||= line.trimEnd().endsWith(escapeToken + escapeToken);
    text += line.replace(continued, "");
    if (!continued.test(line)) return { text, next: at + 1, ambiguous };
  }
  return { text, next: lines.length, ambiguous };
}

type Parsed = Pick<DockerfileInstruction, "keyword" | "flags" | "rest">;

function parseInstruction(text: string): Parsed {
  const [, keyword = "", tail = ""] = /^([^\t\v\f\r ]*)[\t\v\f\r ]*(.*)$/s.exec(text.trim()) ?? [];
  return { keyword: keyword.toUpperCase(), ...leadingFlags(tail) };
}

/** Flags have rules of their own: quotes are removed, and the backslash escapes even if `# escape=` is another character. */
function leadingFlags(tail: string): Pick<Parsed, "flags" | "rest"> {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(tail.charAt(at))) at++;
    if (!tail.startsWith("--", at)) return { flags, rest: tail.slice(at).trim() };
    const { word, end } = flagAt(tail, at);
    at = end;
    if (word === "--") return { flags, rest: tail.slice(at).trim() };
    flags.push(word);
  }
}

function flagAt(tail: string, start: number): { readonly word: string; readonly end: number } {
  let word = "";
  let quote = "";
  let at = start;
  for (; at < tail.length; at++) {
    const char = tail.charAt(at);
    if (quote === "" && /\s/.test(char)) break;
    if (char === "\\") word += tail.charAt(++at);
    else if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else word += char;
  }
  return { word, end: at };
}

function jsonWords(rest: string): readonly string[] | undefined {
  if (!rest.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) ? value.filter((word) => typeof word === "string") : undefined;
  } catch {
    return undefined; // as docker does: text that is not JSON is words
  }
}

/**
 * A heredoc without its end is not one: builders that support heredocs reject it, the others read ordinary words.
 */
function heredocsOf(
  parsed: Parsed,
  lines: readonly string[],
  start: number,
): { readonly words: readonly string[]; readonly next: number } {
  const instruction = parsed.keyword === "ONBUILD" ? parseInstruction(parsed.rest) : parsed;
  const none = { words: [], next: start };
  if (!["ADD", "COPY", "RUN"].includes(instruction.keyword) || !instruction.rest.includes("<<")) return none;
  if (jsonWords(instruction.rest) !== undefined) return none;
  const words: string[] = [];
  let next = start;
  for (const { word, name, indented } of heredocOpenings(instruction.rest)) {
    const end = lines.findIndex(
      (line, at) => at >= next && (indented ? line.replace(/^\t+/, "") : line) === name,
    );
    if (end === -1) return { words, next };
    words.push(word);
    next = end + 1;
  }
  return { words, next };
}

function heredocOpenings(
  rest: string,
): readonly { readonly word: string; readonly name: string; readonly indented: boolean }[] {
  const words = quotedWords(rest, "\\");
  return words.flatMap((word, at) => {
    const [, dash, attached] = /^\d*<<(-?)([^<]*)$/.exec(word) ?? [];
    if (attached === undefined) return [];
    const name = (attached || (words[at + 1] ?? "")).replace(/["']/g, "");
    return name === "" ? [] : [{ word, name, indented: dash === "-" }];
  });
}
