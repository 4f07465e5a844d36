// A line of a log → pieces of text with a look each, ready to be drawn. Pure: no element is made here.
import Anser from 'anser';
import { GROUND, LEGIBLE, LEGIBLE_TINTED, css, legible, rgbOf } from './colours.ts';
import { clean } from './control_sequences.ts';
import { withLinks } from './links.ts';

export interface Span {
  text: string;
  href: string | null;
  marked: boolean; // what was searched for
  colour: string | null;
  ground: string | null;
  looks: string; // class names: bold, dim, italic, underlined, struck
}

// Beyond these a line is cut, and says so: no line may freeze the page.
export const MOST_SIGNS = 4000;
export const MOST_SPANS = 120;

const LOOKS: Record<string, string> = {
  bold: 'bold', dim: 'dim', italic: 'italic', underline: 'underlined', strikethrough: 'struck',
};

export function spansOf(raw: string, theme: 'dark' | 'light', search: RegExp | null): Span[] {
  let text = clean(raw);
  const hidden = text.length - MOST_SIGNS;
  if (hidden > 0) text = text.slice(0, MOST_SIGNS);
  let spans = text.includes('\u001b') ? coloured(text, theme) : [simple(text)];
  spans = spans.flatMap((span) => withLinks(span.text).map((piece) => ({ ...span, ...piece })));
  if (search) spans = spans.flatMap((span) => marked(span, search));
  if (spans.length > MOST_SPANS) {
    const rest = spans.splice(MOST_SPANS - 1).map((span) => span.text).join('');
    spans.push(simple(rest));
  }
  if (hidden > 0) spans.push({ ...simple(` … ${hidden.toLocaleString('en')} more characters, see the raw log`), looks: 'dim' });
  return spans;
}

function simple(text: string): Span {
  return { text, href: null, marked: false, colour: null, ground: null, looks: '' };
}

function coloured(text: string, theme: 'dark' | 'light'): Span[] {
  const found = Anser.ansiToJson(text, { json: true, remove_empty: true, use_classes: true });
  return found.map((piece) => {
    const decorations = piece.decorations as string[];
    let front = rgbOf(piece.fg, piece.fg_truecolor);
    let back = rgbOf(piece.bg, piece.bg_truecolor);
    if (decorations.includes('reverse')) [front, back] = [back ?? GROUND[theme], front ?? (theme === 'dark' ? [215, 219, 225] : [40, 44, 50])];
    const ground = back ?? GROUND[theme];
    const ink = front ?? (back ? ground : null); // on a ground of its own even plain text is fitted to it
    return {
      text: piece.content,
      href: null,
      marked: false,
      colour: ink ? css(legible(ink, ground, back ? LEGIBLE : LEGIBLE_TINTED)) : null,
      ground: back ? css(back) : null,
      looks: decorations.map((name) => LOOKS[name] ?? '').filter(Boolean).join(' '),
    };
  });
}

function marked(span: Span, search: RegExp): Span[] {
  const pieces: Span[] = [];
  let from = 0;
  for (const found of span.text.matchAll(search)) {
    if (!found[0]) break;
    if (found.index > from) pieces.push({ ...span, text: span.text.slice(from, found.index) });
    pieces.push({ ...span, text: found[0], marked: true });
    from = found.index + found[0].length;
  }
  if (from < span.text.length || !pieces.length) pieces.push({ ...span, text: span.text.slice(from) });
  return pieces;
}

// What the server looks for, as the page marks it: the same letters, nothing of them special.
export function searchPattern(words: string, exactCase: boolean): RegExp | null {
  if (!words) return null;
  return new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), exactCase ? 'g' : 'gi');
}
