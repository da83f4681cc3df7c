import type { TextStyle } from "./ansi.ts";
import { type Color, hexOf, mix, readableOn } from "./colors.ts";

/** The colours of a log, by day and night: terminals are dark, and so are the colours that programs choose. */
export const logPaper: Color = 0x14181d;
export const logInk: Color = 0xe6eaef;

/** Returns the class that paints text of the style, as a list; an empty one where nothing is painted. */
export function colorClass(style: TextStyle): readonly string[] {
  const { foreground, background } = paintOf(style);
  if (foreground === logInk && background === logPaper) return [];
  return [`c${hexOf(foreground).slice(1)}-${hexOf(background).slice(1)}`];
}

/** Colours that a program chose for another background are brought to where they can be read. */
function paintOf(style: TextStyle): { readonly foreground: Color; readonly background: Color } {
  const chosen = { foreground: style.foreground ?? logInk, background: style.background ?? logPaper };
  const foreground = style.inverse ? chosen.background : chosen.foreground;
  const background = style.inverse ? chosen.foreground : chosen.background;
  const faded = style.faint ? mix(foreground, background, 0.4) : foreground;
  return { foreground: readableOn(background, faded), background };
}

/** Returns the style rules of the classes that text of these styles needs. */
export function colorRules(styles: Iterable<TextStyle>): string {
  const classes = new Set([...styles].flatMap(colorClass));
  return [...classes]
    .sort()
    .map((name) => `.${name}{color:#${name.slice(1, 7)};background:#${name.slice(8)}}`)
    .join("\n");
}
