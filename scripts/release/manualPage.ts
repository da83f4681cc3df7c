import { allTopics } from "../../src/cli/topics/topics.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/** Returns all topics of the manual as one HTML page that loads nothing else. */
export function manualPage({ version, date }: ReleaseInfo): string {
  const topics = allTopics();
  const contents = topics.map(
    ({ name, summary }) => `<li><a href="#${name}">${name}</a>: ${inline(summary)}</li>\n`,
  );
  const chapters = topics.map(({ name, text }) => `<section id="${name}">\n${chapter(text)}</section>\n`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>polycrate ${version}</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:auto;padding:0 1rem 4rem}
code,pre{font:14px/1.4 ui-monospace,monospace}
pre{overflow-x:auto;padding:.75rem;border:1px solid #8886;border-radius:6px}
table{border-collapse:collapse;display:block;overflow-x:auto}
td,th{border:1px solid #8886;padding:.25rem .5rem;text-align:left;vertical-align:top}
section{border-top:1px solid #8886;margin-top:2rem}
</style>
<h1>polycrate ${version}</h1>
<p>The manual of ${date}. <code>polycrate help TOPIC</code> shows it in a terminal.</p>
<ul>
${contents.join("")}</ul>
${chapters.join("")}</html>
`;
}

/** The headings of a topic are below that of the page, and its links lead to other topics of the page. */
function chapter(markdown: string): string {
  return Bun.markdown
    .html(markdown)
    .replaceAll(/<(\/?)h([1-5])\b/g, (_, slash: string, level: string) => `<${slash}h${Number(level) + 1}`)
    .replaceAll(/href="([a-z-]+)\.md"/g, 'href="#$1"');
}

/** Without the paragraph around it. */
function inline(markdown: string): string {
  return Bun.markdown
    .html(markdown)
    .replaceAll(/<\/?p>/g, "")
    .trim();
}
