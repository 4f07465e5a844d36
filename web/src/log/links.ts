// Addresses in text: http and https alone, whatever else calls itself a link stays text.

const ADDRESS = /https?:\/\/[^\s<>"'`{}|\\^]+/gi;
const CLOSING: Record<string, string> = { ')': '(', ']': '[' };

export interface Piece {
  text: string;
  href: string | null;
}

export function withLinks(text: string): Piece[] {
  if (!text.includes('://')) return [{ text, href: null }];
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = trimmed(found[0]);
    const href = safeHref(address);
    if (!href) continue;
    if (found.index > from) pieces.push({ text: text.slice(from, found.index), href: null });
    pieces.push({ text: address, href });
    from = found.index + address.length;
  }
  if (from < text.length || !pieces.length) pieces.push({ text: text.slice(from), href: null });
  return pieces;
}

// The sentence's own full stop or bracket is not the address's.
function trimmed(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] ?? '';
    const opening = CLOSING[last];
    const stray = opening ? !address.slice(0, end - 1).includes(opening) : /[.,;:!?*]/.test(last);
    if (!stray) break;
    end -= 1;
  }
  return address.slice(0, end);
}

// The address when a click on it may leave this page: http or https, and nothing else.
export function safeHref(address: string | null | undefined): string | null {
  if (!address) return null;
  try {
    const url = new URL(address);
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}
