// The time that the page shows things by. It ticks each second while somebody looks, and not at all in a hidden tab.
import { signal } from '@preact/signals';

export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => { if (!document.hidden) now.value = Date.now(); }, 1000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) now.value = Date.now(); });
}
