import { unseen } from "../errors.ts";
import { isYamlList, isYamlMap, isYamlNumber, type YamlKey, type YamlMap, type YamlValue } from "./value.ts";

/**
 * Writes a value as a YAML document that means the same to YAML 1.1 readers (PyYAML, and so Ansible) as to 1.2 readers.
 * Order is kept, equal values give equal texts, and lone surrogates become U+FFFD.
 */
export function writeYaml(value: YamlValue): string {
  if (typeof value === "string") return `${quoted(value.toWellFormed())}\n`;
  return `${isCollection(value) ? collectionText(value, "\n") : valueText(value, "\n")}\n`;
}

/** `newline` is a line feed and the indentation of the collection that is written. */
function mapText(map: YamlMap, newline: string): string {
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

function listText(list: readonly YamlValue[], newline: string): string {
  let text = "";
  for (const value of list) {
    if (text !== "") text += newline;
    text += `- ${isCollection(value) ? collectionText(value, newline + indentation) : valueText(value, newline)}`;
  }
  return text;
}

const indentation = "  ";

// PyYAML finds no `:` more than 1024 characters after the start of its key, and itself writes keys over 128 with a `?`.
const longestImplicitKey = 128;

function isCollection(value: YamlValue): value is YamlMap | readonly YamlValue[] {
  return isYamlMap(value) ? value.size > 0 : isYamlList(value) && value.length > 0;
}

function collectionText(value: YamlMap | readonly YamlValue[], newline: string): string {
  return isYamlMap(value) ? mapText(value, newline) : listText(value, newline);
}

function valueText(value: YamlValue, newline: string): string {
  if (typeof value === "string") {
    const string = value.toWellFormed();
    return string.includes("\n") ? linesText(string, newline) : flowText(string);
  }
  if (isYamlNumber(value)) return value.digits;
  return isYamlMap(value) ? "{}" : isYamlList(value) ? "[]" : String(value);
}

/** A string of several lines, each as it is, wherever YAML has such a form for it. */
function linesText(string: string, newline: string): string {
  let end = string.length;
  while (string[end - 1] === "\n") end--;
  const lastLine = string.slice(string.lastIndexOf("\n", end - 1) + 1, end);
  // A last line of white space alone is indentation to some readers.
  if (lastLine.trim() === "" || unprintable.test(string)) return quoted(string);
  const ending = string.length - end;
  const chomping = ending === 0 ? "-" : ending === 1 ? "" : "+";
  const indicator = /^[ \t\n]/.test(string) ? indentation.length : "";
  const lines = `\n${ending === 0 ? string : string.slice(0, -1)}`;
  return `|${indicator}${chomping}${lines.replace(/\n(?=[^\n])/g, newline + indentation)}`;
}

/** What is escaped besides tabs and line feeds: some readers take a few of these for line breaks, and people see none. */
const unprintable = new RegExp(`[${unseen}\\ufffe\\uffff]`);

function flowText(string: string): string {
  return plainStart.test(string) && !notPlain.test(string) && !reserved.test(string)
    ? string
    : quoted(string);
}

/** Nothing here is an indicator or begins what any reader takes for a number or a date. */
const plainStart =
  /^(?:[A-Za-z_/$(^;)\\\u00a0-\ud7ff\ue000-\ufffd]|[\ud800-\udbff]|~\/|\.\.?\/|\.[A-Za-z]|--?[A-Za-z]|\d+\.\d+\.\d+(?:\.\d+)?$|[0-9][0-9.]*[g-nq-su-wyG-NQ-SU-WY@/])/;

const notPlain = new RegExp(`[${unseen}\\t\\n\\ufffe\\uffff]|: | #|[ :]$`);

/** Words that are no strings to some reader, in any case. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i;

function quoted(string: string): string {
  return JSON.stringify(string).replace(unescaped, unicodeEscape);
}

/** What JSON leaves as it is. */
const unescaped = new RegExp(`[${unseen}\\ufffe\\uffff]`, "g");

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function keyText(key: YamlKey): string {
  if (typeof key === "string") return flowText(key.toWellFormed());
  return typeof key === "number" ? numberText(key) : String(key);
}

/** A number as YAML 1.1 and 1.2 both read it; one too large to be exact is no integer, so that it stays what it is. */
function numberText(number: number): string {
  if (Number.isNaN(number)) return ".nan";
  if (!Number.isFinite(number)) return number < 0 ? "-.inf" : ".inf";
  if (Number.isSafeInteger(number)) return String(number);
  const [digits = "", exponent] = String(number).split("e");
  const withPoint = digits.includes(".") ? digits : `${digits}.0`;
  return exponent === undefined ? withPoint : `${withPoint}e${exponent}`;
}
