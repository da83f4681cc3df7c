import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's folder. */
export const root = join(import.meta.dir, "../..");

/** The text of README.md. */
export const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of a language in the README, in order. */
export function blocksOf(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text = ""]) => text,
  );
}
