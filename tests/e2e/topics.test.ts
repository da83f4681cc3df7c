import { expect, test } from "bun:test";
import { dirname } from "node:path";
import { busybox, call, executable, makeFolder } from "../support/harness.ts";
import { readme } from "../support/readme.ts";
import { topicBlocks, topicFiles } from "../support/topics.ts";

const sessions = [["README", readme] as const, ...Object.entries(topicFiles)].flatMap(([name, text]) => {
  const blocks = topicBlocks(text).filter(({ language }) => language === "console");
  return blocks.length === 0 ? [] : [{ name, blocks }];
});

test.each(sessions)("the commands of $name print what it shows", async ({ blocks }) => {
  // The sessions of a topic share a workspace: what one has run, the next one lists.
  using folder = makeFolder({}, "my-workspace");
  const env = { PATH: `${dirname(executable)}:${process.env.PATH}` };
  for (const { text, files } of blocks) {
    for (const [path, file] of Object.entries(files))
      folder.write(path, file.replaceAll("debian:12-slim", busybox));
    for (const [command = "", ...expected] of commandsOf(text)) {
      const { stdout } = await call(["sh", "-c", `{ ${command}\n} 2>&1`], { directory: folder.path, env });
      expect(`${command}\n${steady(stdout)}`).toBe(`${command}\n${steady(expected.join("\n"))}`);
    }
  }
  if (blocks.some(({ files }) => files["workspace.poly"]?.includes("caches:") === true)) {
    expect((await folder.run(["prune", "--caches"])).exitCode).toBe(0);
  }
});

/** Each command of a session, followed by the lines that it prints. */
function commandsOf(session: string): readonly (readonly string[])[] {
  return session
    .split(/^\$ /m)
    .slice(1)
    .map((part) => part.trimEnd().split("\n"));
}

/** Without what differs from run to run: times, ids, sizes of columns. */
function steady(text: string): string {
  return text
    .replaceAll(/\d+(?:\.\d+)? s\b/g, "0.0 s")
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b01[0-9a-f]{6}(?:-[0-9a-f]{4})*/g, "ID")
    .replaceAll(/\d{4}\/\d{2}\/\d{2}/g, "DAY")
    .replaceAll(/\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?/g, "TIME")
    .replaceAll(/\\(?:\n|$)/g, "")
    .replaceAll(/ +/g, " ")
    .trim();
}
