// The tab's title and icon: what page it is, and how what it shows stands.
import { effect, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { connection } from '../live/connection.ts';

export type TabState = 'idle' | 'running' | 'success' | 'failed';

const title = signal('Kiln');
const state = signal<TabState>('idle');

const SIGNS: Record<TabState, string> = { idle: '', running: '● ', success: '✓ ', failed: '✗ ' };

export function startTitle(): void {
  effect(() => {
    document.title = `${SIGNS[state.value]}${title.value}`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    const wanted = KILN_ICONS[connection.value === 'down' ? 'offline' : state.value];
    if (icon && icon.getAttribute('href') !== wanted) icon.setAttribute('href', wanted);
  });
}

export function useTitle(words: string, tab: TabState = 'idle'): void {
  useEffect(() => {
    title.value = words ? `${words} · Kiln` : 'Kiln';
    state.value = tab;
  }, [words, tab]);
}
