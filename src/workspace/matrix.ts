/** A value for each name of a step's matrix, in the order of the file; empty without a matrix. */
export type Combination = readonly { readonly name: string; readonly value: string }[];

/**
 * Returns the name of one combination of a step: `deploy (region=eu)`. Values that would make two names the same, or one
 * unreadable, are quoted.
 */
export function nodeName(step: string, matrix: Combination): string {
  if (matrix.length === 0) return step;
  const shown = matrix.map(
    ({ name, value }) => `${name}=${/^[\p{L}\p{N}_.:/@+-]+$/u.test(value) ? value : JSON.stringify(value)}`,
  );
  return `${step} (${shown.join(", ")})`;
}

/** Returns the name of the variable that has the value of a name of a matrix: `MATRIX_REGION` of `region`. */
export function matrixVariable(name: string): string {
  return `MATRIX_${name.replaceAll("-", "_").toUpperCase()}`;
}

/** Returns the variables that tell an action its combination. */
export function matrixVariables(matrix: Combination): Readonly<Record<string, string>> {
  return Object.fromEntries(matrix.map(({ name, value }) => [matrixVariable(name), value]));
}
