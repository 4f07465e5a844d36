// Lines that an address names: #L120, #L120-L140. Numbers are those that people see, from 1.

export interface LineRange {
  first: number;
  last: number;
}

export function parseRange(hash: string): LineRange | null {
  const found = /^#?L(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(hash);
  if (!found) return null;
  const one = Number(found[1]);
  const other = found[2] === undefined ? one : Number(found[2]);
  if (one < 1 || other < 1) return null;
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

export function formatRange({ first, last }: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

// What a click on a number means: with shift from the line that was chosen before to this one.
export function extended(before: LineRange | null, line: number, shift: boolean): LineRange {
  if (!shift || !before) return { first: line, last: line };
  return line < before.first ? { first: line, last: before.last } : { first: before.first, last: line };
}
