import { exitCodes, PolycrateError } from "../../errors.ts";
import { type ImageUse, imageUses } from "./imageUses.ts";
import { type DockerfileInstruction, dockerfileLines } from "./lines.ts";

/** Returns the name to use in place of an image; the same for one that stays. */
export type PinImage = (image: string, use: ImageUse) => string;

/**
 * Returns the Dockerfile with its images replaced, where they are named: the defaults of `ARG`s stay, and so does every line
 * break, so that errors keep their lines. Throws (65) for a name that cannot be replaced, such as one that continues on the
 * next line; `file` is the Dockerfile's name.
 */
export function pinImages(file: string, text: string, pin: PinImage): string {
  const uses = imageUses(text);
  const wanted = uses.map((use) => (use.image === undefined ? undefined : pin(use.image, use)));
  if (uses.every(({ image }, index) => image === wanted[index])) return text;
  const lines = text.split("\n");
  const { instructions } = dockerfileLines(text);
  for (const [index, use] of uses.entries()) {
    const image = wanted[index];
    if (image === undefined || image === use.image) continue;
    const instruction = instructions.find(({ line }) => line === use.line);
    const numbers = instruction === undefined ? [use.line] : linesOfInstruction(instruction, lines);
    const replace = replacers[use.by];
    const at = numbers.find((number) => replaced(lines, number, use, image, replace) !== undefined);
    if (at !== undefined) lines[at - 1] = replaced(lines, at, use, image, replace) ?? "";
  }
  const result = lines.join("\n");
  const after = imageUses(result);
  const wrong = uses.find((_, index) => after[index]?.image !== wanted[index]);
  if (wrong === undefined && after.length === uses.length) return result;
  throw new PolycrateError("the image's name cannot be replaced by its digest", {
    hint: "write the name in one piece, or write it with its digest",
    exitCode: exitCodes.invalidWorkspace,
    position: { file, line: wrong?.line ?? 1, column: 1 },
  });
}

/** A comment between continued lines is not part of the instruction. */
function linesOfInstruction(
  { line, lastLine }: DockerfileInstruction,
  lines: readonly string[],
): readonly number[] {
  return Array.from({ length: lastLine - line + 1 }, (_, index) => line + index).filter(
    (number) => number === line || !(lines[number - 1] ?? "").trimStart().startsWith("#"),
  );
}

/** Replaces the name in a line; undefined when it is not there. */
type Replace = (line: string, isFirst: boolean, written: string, image: string) => string | undefined;

function replaced(
  lines: readonly string[],
  number: number,
  { line, written }: ImageUse,
  image: string,
  replace: Replace,
): string | undefined {
  return replace(lines[number - 1] ?? "", number === line, written, image);
}

const replacers: Readonly<Record<ImageUse["by"], Replace>> = {
  syntax: (line, _, written, image) =>
    replaceAt(line, line.indexOf(written, line.indexOf("=")), written, image),
  FROM: (line, isFirst, written, image) => {
    const start = isFirst ? (/^\s*\S+/.exec(line)?.[0].length ?? 0) : 0;
    const words = [...line.matchAll(/\S+/g)].filter(({ index }) => index >= start);
    const found = words.find(([word]) => withoutContinuation(word) === written);
    return found === undefined ? undefined : replaceAt(line, found.index, written, image);
  },
  COPY: (line, _, written, image) => {
    const found = [...line.matchAll(/(?<=\s|^)--from=(\S+)/g)].find(
      ([, value = ""]) => bare(value) === written,
    );
    if (found === undefined) return undefined;
    const [word] = found;
    const continuation = word.slice(withoutContinuation(word).length);
    return replaceAt(line, found.index, word, `--from=${image}${continuation}`);
  },
  RUN: (line, _, written, image) => {
    for (const { 0: word, index } of line.matchAll(/(?<=\s|^)--mount=\S+/g)) {
      const changed = word.replace(
        /(?<=[=,"'])(from=)([^,"'\s]+?)(?=[,"'\\`]|$)/gi,
        (field, key: string, value: string) => (value === written ? key + image : field),
      );
      if (changed !== word) return replaceAt(line, index, word, changed);
    }
    return undefined;
  },
};

function replaceAt(line: string, index: number, before: string, after: string): string | undefined {
  return index < 0 ? undefined : line.slice(0, index) + after + line.slice(index + before.length);
}

/** The escape character at the end of a line may follow a word directly. */
function withoutContinuation(word: string): string {
  return word.replace(/[\\`]$/, "");
}

/** A flag's value without quotes. */
function bare(value: string): string {
  return withoutContinuation(value).replace(/["']/g, "");
}
