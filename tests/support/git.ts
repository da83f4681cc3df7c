import { call, type Folder } from "./harness.ts";

/** Runs git as a user does who has no settings of his own; returns what it prints. */
export async function git(folder: Folder, ...words: readonly string[]): Promise<string> {
  const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const { stdout, stderr, exitCode } = await call(["git", ...words], { directory: folder.path, env });
  if (exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  return stdout.trim();
}
