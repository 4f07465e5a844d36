// Text that strangers wrote (commit messages, branches, names), made safe to stand among ours: it cannot turn the direction of what
// follows, nor hide a part of itself. Markup is no concern here: text is never made into HTML.

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const INVISIBLE = /[\u00ad\u200b\u2060-\u2064\ufeff\ufff9-\ufffb]/g;

const shown = (sign: string): string => `‹U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;

// Controls go, marks that change the reading direction are named, what cannot be seen is named too.
export function plain(text: string): string {
  return text.replace(CONTROLS, '').replace(DIRECTION, shown).replace(INVISIBLE, shown);
}

export function firstLine(text: string): string {
  const end = text.search(/[\r\n]/);
  return plain(end < 0 ? text : text.slice(0, end)).trim();
}

// Words of the server as a sentence of this page.
export function sentence(words: string): string {
  const text = plain(words).trim();
  if (!text) return '';
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?:…]$/.test(text) ? '' : '.');
}

export function shortCommit(hash: string): string {
  return hash.slice(0, 8);
}

export function shortId(uuid: string): string {
  return uuid.slice(0, 8);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = count;
  let at = -1;
  do { value /= 1000; at += 1; } while (value >= 999.5 && at < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}
