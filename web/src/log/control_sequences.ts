// A line as a terminal would show it in the end, with nothing left in it but text and colours.

/* eslint-disable no-control-regex */
const NEEDS_WORK = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
// Titles, links, clipboard and their like, ended as they should be.
const STRINGS = /\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const SEQUENCES = /\u001b\[[0-?]*[ -/]*[@-~]/g;
const COLOUR = /^\u001b\[[0-9;:]*m$/;
const ESCAPES = /\u001b(?!\[)(?:[ -/]*[0-~])?/g;
const REST = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f]/g;
const BROKEN = /\u001b(?!\[[0-9;:]*m)/g;
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function clean(text: string): string {
  if (!NEEDS_WORK.test(text)) return text;
  return lastState(text)
    .replace(STRINGS, '')
    .replace(SEQUENCES, (found) => (COLOUR.test(found) ? found : ''))
    .replace(ESCAPES, '')
    .replace(BROKEN, '')
    .replace(REST, '')
    .replace(DIRECTION, (sign) => `‹U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

// What stands after the last carriage return that something follows; colours that were set before it hold.
function lastState(text: string): string {
  const ended = text.replace(/\r+$/, '');
  const cut = ended.lastIndexOf('\r');
  if (cut < 0) return ended;
  const before = ended.slice(0, cut).match(SEQUENCES)?.filter((found) => COLOUR.test(found)) ?? [];
  return before.slice(-8).join('') + ended.slice(cut + 1);
}

// Without colours too, for whoever copies or searches.
export function bare(text: string): string {
  return clean(text).replace(SEQUENCES, '');
}
