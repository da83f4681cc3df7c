import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's folder. */
export const root = join(import.meta.dir, "../..");

/** The text of README.md. */
export const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of a language in the README, in order. */
export function blocksOf(language: string): readonly string[] {
  return fencedBlocks(readme)
    .filter((block) => block.language === language)
    .map(({ text }) => text);
}

/** A code block of a Markdown text, and the language after its fence. */
export type FencedBlock = { readonly language: string; readonly text: string };

/** The code blocks of a Markdown text, in order. */
export function fencedBlocks(markdown: string): readonly FencedBlock[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}
