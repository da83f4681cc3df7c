import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FencedBlock, fencedBlocks, root } from "./readme.ts";

/** The folder of the topics. */
export const topicsFolder = join(root, "src/cli/topics");

/** The topics' files by their names, as they are written: without the generated parts. */
export const topicFiles: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(topicsFolder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => [file.slice(0, -3), readFileSync(join(topicsFolder, file), "utf8")]),
);

/** A code block, and the files that the blocks of its topic have written up to it. */
export type TopicBlock = FencedBlock & { readonly files: Readonly<Record<string, string>> };

/**
 * The code blocks of a topic. A `yaml` block whose first line is `# PATH` is that file, a `dockerfile` block is
 * `Dockerfile.poly`, any other `yaml` block is `workspace.poly`, named `my-workspace` when it has no name.
 */
export function topicBlocks(markdown: string): readonly TopicBlock[] {
  let files: Readonly<Record<string, string>> = {};
  return fencedBlocks(markdown).map((block) => {
    files = { ...files, ...fileOf(block) };
    return { ...block, files };
  });
}

function fileOf({ language, text }: FencedBlock): Readonly<Record<string, string>> {
  if (language === "dockerfile") return { "Dockerfile.poly": text };
  if (language !== "yaml") return {};
  const [, path] = /^# (\S+\.(?:poly|ya?ml))\n/.exec(text) ?? [];
  if (path !== undefined) return { [path]: text };
  return { "workspace.poly": /^name:/m.test(text) ? text : `name: my-workspace\n${text}` };
}
