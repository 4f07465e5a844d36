// Colours that a build wrote, made readable on the log's ground: at least 4.5 to 1, whatever was asked for, also where a line is
// tinted because it is an error, was found or chosen.

export type Rgb = readonly [number, number, number];

export const GROUND = { dark: [16, 19, 24], light: [252, 252, 250] } as const satisfies Record<string, Rgb>;

export const LEGIBLE = 4.5;
export const LEGIBLE_TINTED = 5.8; // on the plain ground, so that 4.5 are left on a tinted one

function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

export function luminance([r, g, b]: Rgb): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

// The nearest colour towards white or black that can be read on `ground`.
export function legible(colour: Rgb, ground: Rgb, wanted = LEGIBLE): Rgb {
  if (contrast(colour, ground) >= wanted) return colour;
  const white: Rgb = [255, 255, 255];
  const black: Rgb = [0, 0, 0];
  const target = contrast(white, ground) > contrast(black, ground) ? white : black;
  for (let step = 1; step <= 20; step += 1) {
    const mixed = mix(colour, target, step / 20);
    if (contrast(mixed, ground) >= wanted) return mixed;
  }
  return target;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = (i: 0 | 1 | 2): number => Math.round(from[i] + (to[i] - from[i]) * share);
  return [at(0), at(1), at(2)];
}

// The 16 names of terminals as this page draws them; the rest of the 256 are a cube and a row of greys.
const NAMED: Record<string, Rgb> = {
  'ansi-black': [40, 44, 52], 'ansi-red': [214, 69, 80], 'ansi-green': [63, 160, 90], 'ansi-yellow': [196, 146, 32],
  'ansi-blue': [78, 134, 230], 'ansi-magenta': [184, 96, 206], 'ansi-cyan': [42, 161, 173], 'ansi-white': [190, 196, 204],
  'ansi-bright-black': [128, 136, 148], 'ansi-bright-red': [240, 106, 114], 'ansi-bright-green': [96, 200, 124],
  'ansi-bright-yellow': [232, 188, 78], 'ansi-bright-blue': [122, 170, 255], 'ansi-bright-magenta': [214, 138, 232],
  'ansi-bright-cyan': [86, 204, 214], 'ansi-bright-white': [240, 243, 247],
};

// What anser calls a colour: a name, a place in the palette, or three numbers.
export function rgbOf(name: string | null, trueColour: string | null): Rgb | null {
  if (!name) return null;
  if (name === 'ansi-truecolor') {
    const parts = (trueColour ?? '').split(',').map((part) => Number(part.trim()));
    const [r, g, b] = parts;
    return r !== undefined && g !== undefined && b !== undefined && parts.every((part) => part >= 0 && part <= 255) ? [r, g, b] : null;
  }
  const place = /^ansi-palette-(\d+)$/.exec(name)?.[1];
  if (place !== undefined) return fromPalette(Number(place));
  return NAMED[name] ?? null;
}

function fromPalette(place: number): Rgb | null {
  if (place > 255) return null;
  if (place >= 232) {
    const grey = 8 + (place - 232) * 10;
    return [grey, grey, grey];
  }
  if (place < 16) return Object.values(NAMED)[place] ?? null;
  const level = (value: number): number => (value ? 55 + value * 40 : 0);
  const cube = place - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;
