// What a page and the worker that holds the browser's streams tell each other.

export interface Wish {
  stream: string; // the page's own name for it
  address: string;
  resume: 'since' | 'from'; // how the address says where to go on
  events: readonly string[];
}

export type ToWorker =
  | { kind: 'open'; wish: Wish }
  | { kind: 'close'; stream: string }
  | { kind: 'alive' }
  | { kind: 'leave' };

export type FromWorker =
  | { kind: 'event'; stream: string; name: string; id: string; data: string }
  | { kind: 'up'; stream: string }
  | { kind: 'down'; stream: string };

// Where a stream that broke off goes on.
export function resumed(address: string, resume: Wish['resume'], lastId: string): string {
  if (!lastId) return address;
  const url = new URL(address, 'http://kiln');
  url.searchParams.delete('tail');
  url.searchParams.set(resume, resume === 'from' ? String(Number(lastId) + 1) : lastId);
  return url.pathname + url.search;
}

// How many milliseconds to wait before the next attempt: half a second, then twice as long each time, up to ten seconds; give or take a quarter, so
// that not all come at the same moment. `random` is from 0 to 1.
export function pause(attempt: number, random: number): number {
  return Math.min(10_000, 500 * 2 ** Math.min(attempt, 5)) * (0.75 + random / 2);
}
