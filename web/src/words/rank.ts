// How well what was typed fits a name: lower is better, null when it does not. Letters may be left out, their order not changed.

export function rank(typed: string, name: string): number | null {
  const wanted = typed.trim().toLowerCase();
  const text = name.toLowerCase();
  if (!wanted) return 0;
  const whole = text.indexOf(wanted);
  if (whole === 0) return 0;
  if (whole > 0) return /[^a-z0-9]/.test(text[whole - 1] ?? '') ? 1 : 2 + whole / 1000;
  let at = -1;
  let gaps = 0;
  for (const letter of wanted) {
    if (letter === ' ') continue;
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return gaps > wanted.length * 3 ? null : 10 + gaps;
}

export function best<T>(typed: string, all: readonly T[], name: (one: T) => string, most: number): T[] {
  return all
    .map((one, place) => ({ one, place, score: rank(typed, name(one)) }))
    .filter((found): found is { one: T; place: number; score: number } => found.score !== null)
    .sort((a, b) => a.score - b.score || a.place - b.place)
    .slice(0, most)
    .map((found) => found.one);
}
