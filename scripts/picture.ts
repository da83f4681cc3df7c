/** Runs polycrate at a real terminal in the example workspace, and draws its output as `.github/terminal.svg`. */

import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const executable = resolve("dist/polycrate");
const commands = ["list", "run hello greet -- everybody", "run hello fail", "history"];
const size = { cols: 84, rows: 40 };
const [characterWidth, lineHeight, margin] = [8.4, 19, 16];

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "polycrate-picture-"));
  try {
    await cp("tests/example", folder, { recursive: true });
    const shown: string[] = [];
    for (const command of commands)
      shown.push(`\u001b[1m$ polycrate ${command}\u001b[0m`, await runAtTerminal(folder, command), "");
    await mkdir(".github", { recursive: true });
    await Bun.write(".github/terminal.svg", draw(shown.join("\n").trimEnd().split("\n")));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runAtTerminal(folder: string, command: string): Promise<string> {
  let output = "";
  const child = Bun.spawn([executable, ...command.split(" ")], {
    cwd: folder,
    env: { ...process.env, CI: "", NO_COLOR: "", TERM: "xterm-256color" },
    terminal: {
      ...size,
      data: (_, data) => {
        output += Buffer.from(data).toString();
      },
    },
  });
  await child.exited;
  return output.replace(/\r+\n/g, "\n").trimEnd();
}

function draw(lines: readonly string[]): string {
  const width = Math.ceil(size.cols * characterWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((line, index) => {
    const y = margin + (index + 0.75) * lineHeight;
    return `<text x="${margin}" y="${y}" xml:space="preserve">${spansOf(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    "<title>polycrate list, run and history in a terminal</title>",
    `<rect width="100%" height="100%" rx="8" fill="#16181d"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#d8dee9">`,
    ...rows,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

const styles: Readonly<Record<string, string>> = {
  "1": 'font-weight="bold" fill="#ffffff"',
  "31": 'fill="#ff7b72"',
  "32": 'fill="#7ee787"',
  "33": 'fill="#e3b341"',
  "36": 'fill="#79c0ff"',
  "90": 'fill="#8b949e"',
};

function spansOf(line: string): string {
  const parts = line.split(/\u001b\[([\d;]*)m/);
  let style = "";
  return parts
    .map((part, index) => {
      if (index % 2 === 1) {
        style = styles[part.split(";").at(-1) ?? ""] ?? "";
        return "";
      }
      const text = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return text === "" ? "" : `<tspan ${style}>${text}</tspan>`;
    })
    .join("");
}

await main();
