/** Draws a terminal session as an SVG that plays in a loop, with CSS alone. */

/** What is typed, letter by letter and ended by Enter, or what a program shows, line by line. */
export type Part = { readonly typed: string } | { readonly shown: string };

export type Size = { readonly cols: number; readonly rows: number; readonly title: string };

/** Text of one style on one row, visible from a time on, in milliseconds. */
type Piece = { readonly row: number; readonly at: number; readonly style: string; readonly text: string };

/** The times of the picture: about those of a quick writer, and of a run in a small container. */
const pace = { letter: 38, command: 120, container: 500, line: 60, reading: 1400, end: 5000 };

const [characterWidth, lineHeight, margin] = [8.43, 19, 16];

/**
 * Returns the SVG. Without animation, and where the reader asks for reduced motion, it shows the last screen. It has a dark and
 * a light form, and follows the reader's setting.
 */
export function draw(parts: readonly Part[], { cols, rows, title }: Size): string {
  const { pieces, length } = layOut(parts);
  const width = Math.ceil(cols * characterWidth + 2 * margin);
  const height = rows * lineHeight + 2 * margin;
  const screens = scrolling(pieces, rows);
  const last = screens.at(-1)?.offset ?? 0;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title>`,
    "<style>",
    ...colors,
    ...animations(pieces, screens, length),
    "</style>",
    `<rect class="w" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<clipPath id="screen"><rect width="${width}" height="${rows * lineHeight}"/></clipPath>`,
    `<g transform="translate(${margin} ${margin})" clip-path="url(#screen)">`,
    `<g class="s" transform="translate(0 ${-last})">`,
    ...linesOf(pieces),
    "</g>",
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** Gives every piece of text its row and time. */
function layOut(parts: readonly Part[]): { readonly pieces: readonly Piece[]; readonly length: number } {
  const pieces: Piece[] = [];
  let [row, at, style] = [0, 0, ""];
  let waits = 0;
  for (const part of parts) {
    if ("typed" in part) {
      at += row === 0 ? 2 * pace.line : pace.reading;
      for (const letter of part.typed) {
        pieces.push({ row, at, style: "b", text: letter });
        at += pace.letter;
      }
      row += 1;
      waits = /^polycrate run (?!.*--dry-run)/.test(part.typed) ? pace.container : pace.command;
    } else {
      at += waits;
      waits = 0;
      part.shown.split("\n").forEach((line, index) => {
        if (index > 0) [row, at] = [row + 1, at + pace.line];
        for (const [place, text] of line.split(/\u001b\[([\d;]*)m/).entries()) {
          if (place % 2 === 1) style = styles[text] ?? "";
          else if (text !== "") pieces.push({ row, at, style, text });
        }
      });
    }
  }
  return { pieces, length: at + pace.end };
}

const styles: Readonly<Record<string, string>> = {
  "1": "b",
  "31": "r",
  "32": "g",
  "33": "y",
  "36": "c",
  "90": "d",
};

/** GitHub's colours, light and dark. */
const colors: readonly string[] = [
  "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;white-space:pre}",
  ".w{fill:#f6f8fa;stroke:#d1d9e0}",
  ".b{font-weight:bold}.r{fill:#cf222e}.g{fill:#1a7f37}.y{fill:#9a6700}.c{fill:#0969da}.d{fill:#59636e}",
  "@media(prefers-color-scheme:dark){text{fill:#d8dee9}.w{fill:#16181d;stroke:#3d444d}" +
    ".b{fill:#fff}.r{fill:#ff7b72}.g{fill:#7ee787}.y{fill:#e3b341}.c{fill:#79c0ff}.d{fill:#8b949e}}",
];

/** From a time on, how many pixels of the session are above the screen. */
type Screen = { readonly at: number; readonly offset: number };

/** The screens, one for each row that does not fit below those before it. */
function scrolling(pieces: readonly Piece[], rows: number): readonly Screen[] {
  const screens: Screen[] = [{ at: 0, offset: 0 }];
  for (const { row, at } of pieces) {
    const offset = Math.max(0, row - rows + 1) * lineHeight;
    if (offset > (screens.at(-1)?.offset ?? 0)) screens.push({ at, offset });
  }
  return screens;
}

/** The rules by which every piece appears at its time, and the screen scrolls. */
function animations(pieces: readonly Piece[], screens: readonly Screen[], length: number): readonly string[] {
  const percent = (at: number) => `${((100 * at) / length).toFixed(3)}%`;
  const moves = screens.map(({ at, offset }) => `${percent(at)}{transform:translateY(${-offset}px)}`);
  const times = [...new Set(pieces.map(({ at }) => at))];
  return [
    `.t{animation:${length}ms step-end infinite}`,
    `.s{animation:s ${length}ms step-end infinite}`,
    `@keyframes s{${moves.join("")}}`,
    ...times.flatMap((at) => [
      `@keyframes ${name(at)}{0%{visibility:hidden}${percent(at)}{visibility:visible}}`,
      `.${name(at)}{animation-name:${name(at)}}`,
    ]),
    // The last rule, so that it wins.
    "@media(prefers-reduced-motion:reduce){.t,.s{animation:none}}",
  ];
}

/** A `text` for each row. Pieces of one time share an element, so that a line has one animation. */
function linesOf(pieces: readonly Piece[]): readonly string[] {
  return [...Map.groupBy(pieces, ({ row }) => row)].map(([row, all]) => {
    const spans = [...Map.groupBy(all, ({ at }) => at)].map(([at, together]) => {
      const texts = together.map(({ style, text }) =>
        style === "" ? escaped(text) : `<tspan class="${style}">${escaped(text)}</tspan>`,
      );
      return `<tspan class="t ${name(at)}">${texts.join("")}</tspan>`;
    });
    const y = (row + 0.75) * lineHeight;
    return `<text y="${y}" xml:space="preserve">${spans.join("")}</text>`;
  });
}

const name = (at: number) => `t${at}`;

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
