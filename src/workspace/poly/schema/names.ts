import * as v from "valibot";
import { list, text } from "./values.ts";

/** Letters of any script and their marks, except letters that are invisible. */
const namePattern =
  /^(?:(?!\p{DI})\p{L})(?:(?!\p{DI})[\p{L}\p{M}\p{Nd}_]|[-/](?=(?!\p{DI})[\p{L}\p{Nd}_]))*$/u;

/** The name of a workspace, an action, a workflow or a step. */
export const name = v.pipe(
  text,
  v.check(
    (input) => namePattern.test(input),
    "expected a name that begins with a letter and has only letters, digits, `_`, and single `-` or `/` between them",
  ),
  v.metadata({ type: "string", pattern: namePattern.source }),
);

/** A block name: it can contain a registry host and a path, but no `..` and nothing that is invisible in a terminal. */
export const blockName = v.pipe(
  text,
  v.check(
    (input) => isBlockName(input),
    "expected a block name without `..`, `//`, a leading or trailing `/`, backslashes, control or invisible characters",
  ),
  v.metadata({
    pattern: "^(?!\\.{0,2}(?:/|$))(?:(?!/\\.{0,2}(?:/|$))[^\\\\\\p{Cc}\\p{Cf}\\p{DI}\\p{Zl}\\p{Zp}])+$",
  }),
);

/** True for a valid block name: safe as a path below the artifacts folder and on a terminal. */
export function isBlockName(input: string): boolean {
  if (input === "" || /[\\\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}]/u.test(input)) return false;
  return input.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** The name of a docker context, as docker 28.2 accepts one. */
export const contextName = v.pipe(
  text,
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/, "expected the name of a docker context"),
);

/** Other names of the same thing: one, or a list. */
export const alias = v.union([text, list(text, "expected text")]);
