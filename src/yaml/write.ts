import { unseen } from "../errors.ts";
import { isYamlNumber, isYamlSecret, type YamlKey, type YamlValue } from "./value.ts";

/** A value to write, of which items of lists may be written already. */
export type Writable = YamlValue | WritableMap | WritableList;
export type WritableMap = ReadonlyMap<YamlKey, Writable>;
export type WritableList = readonly (Writable | WrittenItem)[];

/** Returns an item as `writeItem` wrote it for the depth at which the list is. */
export type WrittenItem = () => string;

/** Returns an item of a list as text; the list is as deep as this number of keys above it. */
export function writeItem(value: YamlValue, depth: number): string {
  return listText([value], `\n${indentation.repeat(depth)}`);
}

/**
 * Returns a value as a YAML document that YAML 1.1 readers (PyYAML, and so Ansible) and 1.2 readers read alike.
 * Order is kept, equal values give equal texts, and lone surrogates become U+FFFD.
 */
export function writeYaml(value: Writable): string {
  if (typeof value === "string") return `${quoted(value.toWellFormed())}\n`;
  return `${isCollection(value) ? collectionText(value, "\n") : valueText(value, "\n")}\n`;
}

/** `newline` is a line feed and the indentation of the collection. */
function mapText(map: WritableMap, newline: string): string {
  let text = "";
  for (const [key, value] of map) {
    if (text !== "") text += newline;
    const name = keyText(key);
    text += name.length > longestImplicitKey ? `? ${name}${newline}:` : `${name}:`;
    text += isCollection(value)
      ? newline + indentation + collectionText(value, newline + indentation)
      : ` ${valueText(value, newline)}`;
  }
  return text;
}

function listText(list: WritableList, newline: string): string {
  let text = "";
  for (const value of list) {
    if (text !== "") text += newline;
    if (typeof value === "function") text += value();
    else
      text += `- ${isCollection(value) ? collectionText(value, newline + indentation) : valueText(value, newline)}`;
  }
  return text;
}

const indentation = "  ";

// PyYAML does not find a `:` more than 1024 characters after the start of its key, and writes keys over 128 with a `?`.
const longestImplicitKey = 128;

type Collection = WritableMap | WritableList;

function isCollection(value: Writable): value is Collection {
  return isWritableMap(value) ? value.size > 0 : isWritableList(value) && value.length > 0;
}

/** True for a map to write. */
export function isWritableMap(value: Writable): value is WritableMap {
  return value instanceof Map;
}

/** True for a list to write. */
export function isWritableList(value: Writable): value is WritableList {
  return Array.isArray(value);
}

function collectionText(value: Collection, newline: string): string {
  return isWritableMap(value) ? mapText(value, newline) : listText(value, newline);
}

function valueText(value: Writable, newline: string): string {
  if (typeof value === "string") {
    const string = value.toWellFormed();
    return string.includes("\n") ? linesText(string, newline) : flowText(string);
  }
  if (isWritableMap(value)) return "{}";
  if (isWritableList(value)) return "[]";
  if (isYamlNumber(value)) return value.digits;
  return isYamlSecret(value) ? flowText(value.shown) : String(value);
}

/** A string of several lines as a literal block scalar, if YAML can represent it as one. */
function linesText(string: string, newline: string): string {
  let end = string.length;
  while (string[end - 1] === "\n") end--;
  const lastLine = string.slice(string.lastIndexOf("\n", end - 1) + 1, end);
  // Some readers treat a last line of white space as indentation.
  if (lastLine.trim() === "" || unprintable.test(string)) return quoted(string);
  const ending = string.length - end;
  const chomping = ending === 0 ? "-" : ending === 1 ? "" : "+";
  const indicator = /^[ \t\n]/.test(string) ? indentation.length : "";
  const lines = `\n${ending === 0 ? string : string.slice(0, -1)}`;
  return `|${indicator}${chomping}${lines.replace(/\n(?=[^\n])/g, newline + indentation)}`;
}

/** What is escaped besides tabs and line feeds: invisible characters, some of which are line breaks to some readers. */
const unprintable = new RegExp(`[${unseen}\\ufffe\\uffff]`);

function flowText(string: string): string {
  return plainStart.test(string) && !notPlain.test(string) && !reserved.test(string)
    ? string
    : quoted(string);
}

/** Beginnings that are neither an indicator nor the beginning of a number or a date to any reader. */
const plainStart =
  /^(?:[A-Za-z_/$(^;)\\\u00a0-\ud7ff\ue000-\ufffd]|[\ud800-\udbff]|~\/|\.\.?\/|\.[A-Za-z]|--?[A-Za-z]|\d+\.\d+\.\d+(?:\.\d+)?$|[0-9][0-9.]*[g-nq-su-wyG-NQ-SU-WY@/])/;

const notPlain = new RegExp(`[${unseen}\\t\\n\\ufffe\\uffff]|: | #|[ :]$`);

/** Words, in any case, that some reader does not treat as strings. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i;

function quoted(string: string): string {
  return JSON.stringify(string).replace(unescaped, unicodeEscape);
}

/** What JSON does not escape. */
const unescaped = new RegExp(`[${unseen}\\ufffe\\uffff]`, "g");

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function keyText(key: YamlKey): string {
  if (typeof key === "string") return flowText(key.toWellFormed());
  return typeof key === "number" ? numberText(key) : String(key);
}

/** A number as YAML 1.1 and 1.2 both read it; one too large to be exact is written as a float, so that it stays one. */
function numberText(number: number): string {
  if (Number.isNaN(number)) return ".nan";
  if (!Number.isFinite(number)) return number < 0 ? "-.inf" : ".inf";
  if (Number.isSafeInteger(number)) return String(number);
  const [digits = "", exponent] = String(number).split("e");
  const withPoint = digits.includes(".") ? digits : `${digits}.0`;
  return exponent === undefined ? withPoint : `${withPoint}e${exponent}`;
}
