// Pages that are not looked at first come in a second script: fetched as soon as the browser has nothing else to do.
import type { ComponentType } from 'preact';
import { lazy } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { lost } from './live/connection.ts';

type Rest = typeof import('./pages/rest.ts');

let fetched: Promise<Rest> | null = null;

const fetchRest = (): Promise<Rest> => (fetched ??= import('./pages/rest.ts').catch(startAnew));

// The server is away, or another version of it came meanwhile, which has other scripts.
async function startAnew(): Promise<never> {
  lost();
  while (!(await fetch('/livez', { cache: 'no-store' }).then((answer) => answer.ok, () => false))) await new Promise((resolve) => setTimeout(resolve, 2000));
  location.reload();
  return new Promise(() => undefined);
}

export const later = (pick: (rest: Rest) => ComponentType) => lazy<ComponentType>(() => fetchRest().then(pick));

// A part of a page of the first script: nothing until the second has come.
export function useLater(pick: (rest: Rest) => ComponentType): ComponentType | null {
  const [Part, setPart] = useState<ComponentType | null>(null);
  useEffect(() => {
    let gone = false;
    void fetchRest().then((rest) => { if (!gone) setPart(() => pick(rest)); });
    return () => { gone = true; };
  }, []);
  return Part;
}

export function fetchRestWhenIdle(): void {
  const soon = (): void => void fetchRest();
  if ('requestIdleCallback' in window) requestIdleCallback(soon, { timeout: 3000 });
  else setTimeout(soon, 500);
}
