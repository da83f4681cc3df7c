import * as v from "valibot";
import { text } from "./values.ts";

const version = String.raw`v?\d{1,9}(?:\.(?:\d{1,9}|[x*])){0,2}(?:-[0-9A-Za-z.-]{1,64})?`;
const comparator = `(?:[<>]=?|[=~^])? ?${version}`;
const comparators = `${comparator}(?: ${comparator})*`;
const rangePattern = new RegExp(`^${comparators}(?: ?\\|\\| ?${comparators})*$`);

/** Versions, as npm writes a range: `>=0.2`, `0.2.x`, `^1.4 || >=2`. */
export const versionRange = v.pipe(
  text,
  v.check(
    (input) => input.length <= 200 && rangePattern.test(input),
    'expected a range of versions, such as ">=0.2", or ">=0.2 <1"',
  ),
  v.metadata({ type: "string", pattern: rangePattern.source }),
);

/** True for a range that `requires` may have; any other is a problem of its own. */
export function isVersionRange(input: string): boolean {
  return v.is(versionRange, input);
}
