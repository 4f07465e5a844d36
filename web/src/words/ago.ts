// When something was, seen from now; and the same moment in full for whoever points at it.

export function ago(then: number, now: number): string {
  const seconds = Math.round((now - then) / 1000);
  if (seconds < -5) return `in ${unit(-seconds)}`;
  if (seconds < 5) return 'just now';
  if (seconds < 86_400 * 30) return `${unit(seconds)} ago`;
  return new Date(then).toISOString().slice(0, 10);
}

function unit(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}
