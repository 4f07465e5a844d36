// What a browser remembers of a reader's choices: looks, never secrets. Works without a store too.

const PREFIX = 'kiln.';

export function remembered(name: string): string | null {
  try {
    return globalThis.localStorage?.getItem(PREFIX + name) ?? null;
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    globalThis.localStorage?.setItem(PREFIX + name, value);
  } catch {
    // A browser that keeps nothing forgets the choice.
  }
}
