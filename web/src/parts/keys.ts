// Single keys that do something. They can be turned off, and never act while somebody types.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { remember, remembered } from './remember.ts';

export const keysOn = signal(remembered('keys') !== 'off');

export function switchKeys(on: boolean): void {
  keysOn.value = on;
  remember('keys', on ? 'on' : 'off');
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

export interface Shortcut {
  key: string;
  says: string;
  run: (event: KeyboardEvent) => void;
}

export const shortcuts = signal<readonly Shortcut[]>([]);

// The shortcuts of what is on the page now; they go with it.
export function useShortcuts(list: readonly Shortcut[], why: readonly unknown[]): void {
  useEffect(() => {
    shortcuts.value = [...shortcuts.value, ...list];
    return () => { shortcuts.value = shortcuts.value.filter((one) => !list.includes(one)); };
  }, why);
}

export function startKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (!keysOn.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    const found = shortcuts.value.findLast((one) => one.key === event.key);
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
}
