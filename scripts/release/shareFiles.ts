import type { ReleaseFile } from "./archive.ts";
import { manPages } from "./manPages.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/** Returns what belongs in the folder `share` of every package: the manual pages, and the completions of three shells. */
export async function shareFiles(info: ReleaseInfo): Promise<readonly ReleaseFile[]> {
  const pages = await manPages(info);
  const completions = completionPaths.map(([shell, path]) => ({ path, content: completionOf(shell) }));
  return [
    ...pages.map(({ name, section, text }) => ({ path: `man/man${section}/${name}`, content: text })),
    ...completions,
  ].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

const completionPaths = [
  ["bash", "bash-completion/completions/polycrate"],
  ["fish", "fish/vendor_completions.d/polycrate.fish"],
  ["zsh", "zsh/site-functions/_polycrate"],
] as const;

/** The script that polycrate itself prints. */
function completionOf(shell: string): string {
  const { success, stdout, stderr } = Bun.spawnSync([process.execPath, "src/main.ts", "completion", shell]);
  if (!success) throw new Error(stderr.toString());
  return stdout.toString();
}
