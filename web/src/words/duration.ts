// How long something took, as people say it: never more than two units, never a unit that is zero in front.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY, 'd', HOUR, 'h');
}

function two(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rounded = Math.round(ms / small);
  const per = large / small;
  const rest = rounded % per;
  const whole = (rounded - rest) / per;
  return rest ? `${whole} ${largeUnit} ${rest} ${smallUnit}` : `${whole} ${largeUnit}`;
}

// Between two points in time of the API, of which the second may not have come yet.
export function between(from: string | null | undefined, to: string | null | undefined, now: number): number | null {
  if (!from) return null;
  return Math.max(0, (to ? Date.parse(to) : now) - Date.parse(from));
}

// "12 s slower than the last good build", or null when the difference is not worth a word.
export function slower(ms: number, than: number): string | null {
  const more = ms - than;
  if (Math.abs(more) < Math.max(1000, than * 0.1)) return null;
  return `${duration(Math.abs(more))} ${more > 0 ? 'slower' : 'faster'}`;
}
