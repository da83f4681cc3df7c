/**
 * Runs polycrate at a pseudo-terminal in the workspace `scripts/picture/shop`, and draws the session: `.github/terminal.svg`.
 *
 * It requires `dist/polycrate`, a docker engine, and the image `polycrate-test:busybox` (scripts/images.sh). What the commands
 * print is real. Replaced, so that the same sources give the same picture: ids, days, how long a run took, and the folder.
 */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { draw, type Part } from "./picture/draw.ts";

const executable = resolve("dist/polycrate");
const size = { cols: 94, rows: 23 };

/** A command of the session, and what is typed into its own shell, if it has one. */
type Scene = { readonly command: string; readonly answers?: readonly string[] };

const scenes: readonly Scene[] = [
  { command: "polycrate list" },
  { command: "polycrate run web deploy -- eu" },
  { command: "polycrate run web migrate" },
  { command: "polycrate run web migrate --shell-on-failure", answers: ["echo $to", "ls migrations", "exit"] },
  { command: "polycrate run web deploy --dry-run | grep -A 8 '^docker run'" },
  { command: "polycrate history" },
];

/** The runs of the session, in order: what stands for their ids, and for the time that they took. */
const runs = [
  { id: "01a203e6-54f1-7de1-9c4e-03a57bef6eb3", took: "0.4 s" },
  { id: "01a203e6-7c08-72b9-8d15-5f0c9a4e17d2", took: "0.4 s" },
  { id: "01a203e6-a31d-7f46-b6e0-c28d7b3905fa", took: "7.9 s" },
  { id: "01a203e6-d95e-7a90-a7c3-41e6f8d20b9c", took: "0.4 s" },
] as const;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "polycrate-picture-"));
  try {
    const workspace = join(folder, "shop");
    await cp("scripts/picture/shop", workspace, { recursive: true });
    const parts: Part[] = [];
    for (const scene of scenes) parts.push(...(await play(scene, workspace)));
    const svg = draw(withoutChance(parts, workspace), { ...size, title: "polycrate in a terminal" });
    await Bun.write(".github/terminal.svg", svg);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command, and returns what was typed and shown, from its prompt on. */
async function play({ command, answers = [] }: Scene, directory: string): Promise<readonly Part[]> {
  const terminal = openTerminal(command, directory);
  const parts: Part[] = [{ shown: "$ " }, { typed: command }];
  for (const answer of answers) {
    parts.push({ shown: await terminal.until(/^bash\S*# $/m) }, { typed: answer });
    terminal.type(`${answer}\n`);
    // The terminal's echo, which is drawn as typed.
    await terminal.until(new RegExp(`^${RegExp.escape(answer)}\n`));
  }
  return [...parts, { shown: await terminal.end() }];
}

function openTerminal(command: string, cwd: string) {
  let output = "";
  const child = Bun.spawn(["sh", "-c", command], {
    cwd,
    env: {
      PATH: `${dirname(executable)}:${process.env.PATH}`,
      HOME: process.env.HOME,
      DOCKER_HOST: process.env.DOCKER_HOST,
      TERM: "xterm-256color",
    },
    terminal: {
      ...size,
      data: (_, data) => {
        output += Buffer.from(data).toString();
      },
    },
  });
  const take = (length: number) => {
    const taken = shown(output).slice(0, length);
    output = shown(output).slice(length);
    return taken;
  };
  return {
    type: (text: string) => void child.terminal?.write(text),
    /** Waits for what the pattern matches, and returns the output up to its end. */
    until: async (pattern: RegExp) => {
      for (let rounds = 0; rounds < 600; rounds += 1) {
        const found = pattern.exec(shown(output));
        if (found !== null) return take(found.index + found[0].length);
        await Bun.sleep(50);
      }
      child.kill();
      throw new Error(`\`${command}\` did not print ${pattern}, but ${JSON.stringify(output)}`);
    },
    /** Waits for the end, and returns the rest of the output. */
    end: async () => {
      await child.exited;
      return take(Number.POSITIVE_INFINITY);
    },
  };
}

/** Without a carriage return before the end of a line, and without the modes that bash switches for its input. */
function shown(output: string): string {
  return output.replaceAll(/\r+\n/g, "\n").replaceAll(/\u001b\[\?\d+[hl]\r?/g, "");
}

/** Replaces what differs from run to run. Ids sort by their time, so they are those of `runs` in order. */
function withoutChance(parts: readonly Part[], workspace: string): readonly Part[] {
  const all = parts.map((part) => ("shown" in part ? part.shown : "")).join("");
  const ids = [...new Set(all.match(/\b01[0-9a-f]{6}-[0-9a-f]{4}-7[0-9a-f]{3}/g))].sort();
  const steady = (line: string) =>
    ids.reduce((text, id, index) => {
      const { id: fixed, took } = runs[index] ?? runs[0];
      // The last twelve digits alone are in the container's name.
      const end = new RegExp(`${id}-[0-9a-f]{4}-([0-9a-f]{12})`).exec(all)?.[1] ?? id;
      return (text.includes(id) ? text.replace(/\d+\.\d s/, took) : text)
        .replaceAll(new RegExp(`${id}(-[0-9a-f]{4}-[0-9a-f]{12})?`, "g"), (found) =>
          fixed.slice(0, found.length),
        )
        .replaceAll(end, fixed.slice(-12));
    }, line);
  return parts.map((part) => {
    if (!("shown" in part)) return part;
    const text = part.shown
      .replaceAll(workspace, "/home/you/shop")
      .replaceAll(/(?<=\.logs\/)\d{4}\/\d\d\/\d\d/g, "2026/01/31")
      .replaceAll(/(?<=succeeded in )\d+\.\d s/g, runs[0].took);
    return { shown: text.split("\n").map(steady).join("\n") };
  });
}

await main();
