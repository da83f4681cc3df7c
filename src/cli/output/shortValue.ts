import { printable } from "../../errors.ts";
import { isYamlList, isYamlMap, isYamlNumber, jsonOf, textOf, type YamlValue } from "../../yaml/value.ts";

/** In characters. */
const longest = 40;

/** Returns a value as a short line that is safe to show: a list as JSON, and of a map that it is one. */
export function shortValue(value: YamlValue): string {
  return shortened(isYamlMap(value) ? "{}" : lineOf(value));
}

/** Returns two values that differ as such lines; where both are long, from shortly before where they begin to differ. */
export function shortValues(
  before: YamlValue | undefined,
  after: YamlValue | undefined,
): readonly [string, string] {
  const [one, other] = [before, after].map((value) => (value === undefined ? "" : lineOf(value)));
  if (one === undefined || other === undefined) return ["", ""];
  const [left, right] = [Array.from(one), Array.from(other)];
  const differs = left.findIndex((character, index) => character !== right[index]);
  const start = Math.max(0, (differs < 0 ? left.length : differs) - 10);
  if (start === 0 || (left.length <= longest && right.length <= longest))
    return [shortened(one), shortened(other)];
  const part = (characters: readonly string[]) => shortened(`…${characters.slice(start).join("")}`);
  return [part(left), part(right)];
}

function shortened(line: string): string {
  const characters = Array.from(line);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
}

function lineOf(value: YamlValue): string {
  if (value === null) return "null";
  if (isYamlMap(value) || isYamlList(value)) return printable(JSON.stringify(jsonOf(value)));
  return printable(isYamlNumber(value) ? value.digits : (textOf(value) ?? String(value)));
}
