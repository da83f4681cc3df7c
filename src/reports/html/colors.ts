/** A colour as 0xRRGGBB. */
export type Color = number;

/** The least contrast of text with what is behind it (WCAG 2.2, 1.4.3, level AA). */
export const leastContrast = 4.5;

/** Returns the contrast of two colours, from 1 to 21, as WCAG 2.2 defines it. */
export function contrast(one: Color, other: Color): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: Color): number {
  const [red, green, blue] = channels(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function channels(color: Color): readonly number[] {
  return [color >> 16, (color >> 8) & 0xff, color & 0xff];
}

/** Returns the colour with a part of another in it: 0 is the first, 1 the other. */
export function mix(color: Color, other: Color, part: number): Color {
  const others = channels(other);
  const mixed = channels(color).map((channel, index) =>
    Math.round(channel + ((others[index] ?? 0) - channel) * part),
  );
  return mixed.reduce((sum, channel) => sum * 256 + channel, 0);
}

/** Returns the colour, or the nearest one on the way to white or black that can be read on the background. */
export function readableOn(background: Color, color: Color): Color {
  const end = contrast(0xffffff, background) > contrast(0, background) ? 0xffffff : 0;
  for (let step = 0; step < 16; step++) {
    const tried = mix(color, end, step / 16);
    if (contrast(tried, background) >= leastContrast) return tried;
  }
  return end;
}

/** Returns one of a terminal's 256 colours: 16 by name, a cube of 6 steps a channel, and 24 greys (xterm's). */
export function terminalColor(index: number): Color {
  if (index < 16) return named[index] ?? 0;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x010101;
  const cube = index - 16;
  const [red = 0, green = 0, blue = 0] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(
    (step) => (step === 0 ? 0 : 55 + step * 40),
  );
  return (red << 16) | (green << 8) | blue;
}

const named: readonly Color[] = [
  ...[0x1b1f24, 0xf4766b, 0x4fc56b, 0xd6a73a, 0x6cadff, 0xd58bf0, 0x3fc4cf, 0xc9d1d9],
  ...[0x8f98a3, 0xff9c93, 0x7ee495, 0xf0cb6b, 0x9cc8ff, 0xe6b3fa, 0x7fe3ea, 0xffffff],
];

/** Returns the colour as style sheets write it. */
export function hexOf(color: Color): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}
