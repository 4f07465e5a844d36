// Light, dark, or as the system has it.
import { computed, effect, signal } from '@preact/signals';
import { remember, remembered } from './remember.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (word: string | null): word is Theme => THEMES.some((theme) => theme === word);
const before = remembered('theme');

export const theme = signal<Theme>(isTheme(before) ? before : 'system');
const systemDark = signal(matchMedia('(prefers-color-scheme: dark)').matches);

export const shade = computed<'dark' | 'light'>(() => {
  if (theme.value === 'system') return systemDark.value ? 'dark' : 'light';
  return theme.value;
});

export function startTheme(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => { systemDark.value = event.matches; });
  effect(() => { document.documentElement.dataset['theme'] = theme.value; });
}

export function chooseTheme(wanted: Theme): void {
  theme.value = wanted;
  remember('theme', wanted);
}

export function nextTheme(): void {
  chooseTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system');
}
