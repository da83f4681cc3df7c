import { isYamlList, isYamlMap, textOf, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import { matrixVariable } from "../matrix.ts";
import type { PolyFinding } from "./problems.ts";
import type { WrittenStep } from "./writtenSteps.ts";

/** The limit of GitHub Actions, too. */
const mostCombinations = 256;

/** Returns what is wrong with the matrix of a step. */
export function matrixConflicts({ name, value, at: step }: WrittenStep): readonly PolyFinding[] {
  const matrix = value.get("matrix") ?? null;
  if (!isYamlMap(matrix)) return [];
  const at = [...step, "matrix"];
  const wrong = (place: YamlPath, message: string, hint: string, part?: "key"): PolyFinding => ({
    ...{ severity: "error", at: place, code: "wrong-matrix", message, hint },
    ...(part === undefined ? {} : { part }),
  });
  if (matrix.size === 0)
    return [wrong(at, `the matrix of step \`${name}\` is empty`, "write `matrix: {region: [eu, us]}`")];
  const found = [...matrix].flatMap(([key, list], index): readonly PolyFinding[] => {
    const place = [...at, key];
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(String(key))) {
      const hint = "use letters, digits, `_` and `-`; it must not start with a digit";
      return [wrong(place, `\`${key}\` is not a name for a matrix`, hint, "key")];
    }
    const variable = matrixVariable(String(key));
    const same = [...matrix.keys()].slice(0, index).find((one) => matrixVariable(String(one)) === variable);
    if (same !== undefined) {
      const message = `\`${same}\` and \`${key}\` have the same variable \`${variable}\``;
      return [wrong(place, message, "rename one of them", "key")];
    }
    return valueConflicts(String(key), list, place, wrong);
  });
  const count = [...matrix.values()].reduce(
    (product: number, list) => product * (isYamlList(list) ? list.length : 1),
    1,
  );
  if (count <= mostCombinations) return found;
  const message = `the matrix of step \`${name}\` has ${count} combinations; at most ${mostCombinations} are allowed`;
  return [...found, wrong(at, message, "use fewer values, or several steps")];
}

/** Returns what is wrong with a step whose context is one of its matrix. */
export function contextConflicts({ name, value, at }: WrittenStep): readonly PolyFinding[] {
  const context = value.get("context");
  const wanted = isYamlMap(context) ? textOf(context.get("from_matrix")) : undefined;
  if (wanted === undefined) return [];
  const matrix = value.get("matrix");
  const names = isYamlMap(matrix) ? [...matrix.keys()].map(String) : [];
  if (names.includes(wanted)) return [];
  const message = `step \`${name}\` has no \`${wanted}\` in its matrix`;
  const hint = `add it: \`matrix: {${wanted}: [CONTEXT, CONTEXT]}\``;
  return [{ severity: "error", at: [...at, "context", "from_matrix"], code: "wrong-matrix", message, hint }];
}

function valueConflicts(
  key: string,
  list: YamlValue,
  place: YamlPath,
  wrong: (place: YamlPath, message: string, hint: string) => PolyFinding,
): readonly PolyFinding[] {
  if (!isYamlList(list)) return [];
  if (list.length === 0)
    return [wrong(place, `\`${key}\` of the matrix has no values`, `write \`${key}: [one, two]\``)];
  const texts = list.map((item) => (typeof item === "boolean" ? String(item) : textOf(item)));
  return texts.flatMap((text, index) =>
    text === undefined || texts.indexOf(text) === index
      ? []
      : [
          wrong(
            [...place, index],
            `\`${key}\` of the matrix has the value \`${text}\` twice`,
            "remove one of the two",
          ),
        ],
  );
}
