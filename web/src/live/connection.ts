// Whether the server is there. It counts as gone when the stream of events has been down for some seconds, or a request found nobody.
import { signal } from '@preact/signals';

export const connection = signal<'up' | 'down'>('up');

const GRACE = 1500;
let timer: ReturnType<typeof setTimeout> | undefined;

export function found(): void {
  clearTimeout(timer);
  timer = undefined;
  connection.value = 'up';
}

export function lost(): void {
  if (timer || connection.value === 'down') return;
  timer = setTimeout(() => { connection.value = 'down'; }, GRACE);
}
