// What a page shows of the server: loaded once, kept while it is looked at, loaded anew when the live stream says that it changed.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, asApiError } from './errors.ts';
import { account } from './session.ts';
import { type LiveChange, onChange } from '../live/changes.ts';

export interface Loaded<T> {
  data: T | null;
  problem: ApiError | null;
  reload: () => void;
}

const kept = new Map<string, unknown>();
const MOST_KEPT = 60;
const PAUSE = 700; // between two loads of the same thing

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  for (const old of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(old);
  }
}

export function forgetEverything(): void {
  kept.clear();
}

// `name` tells one thing from another and null loads nothing; `touches` says which changes are news about it.
export function useLoad<T>(name: string | null, load: () => Promise<T>, touches: (change: LiveChange) => boolean = () => false): Loaded<T> {
  const key = name === null ? null : `${account.value} ${name}`;
  const [state, setState] = useState<{ key: string | null; data: T | null; problem: ApiError | null }>({ key: null, data: null, problem: null });
  const latest = useRef({ load, touches });
  latest.current = { load, touches };
  const again = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (key === null) return undefined;
    let gone = false;
    let busy = false;
    let wanted = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      if (busy) { wanted = true; return; }
      busy = true;
      wanted = false;
      try {
        const data = await latest.current.load();
        if (gone) return;
        keep(key, data);
        setState({ key, data, problem: null });
      } catch (problem) {
        if (!gone) setState((before) => ({ key, data: before.key === key ? before.data : null, problem: asApiError(problem) }));
      }
      timer = setTimeout(() => {
        busy = false;
        if (wanted && !gone) void run();
      }, PAUSE);
    };
    again.current = () => void run();
    const stop = onChange((change) => {
      if (change.kind === 'reset' || latest.current.touches(change)) void run();
    });
    void run();
    return () => {
      gone = true;
      clearTimeout(timer);
      stop();
    };
  }, [key]);

  const current = state.key === key ? state : null;
  return {
    data: current?.data ?? (key === null ? null : (kept.get(key) as T | undefined)) ?? null,
    problem: current?.problem ?? null,
    reload: () => again.current(),
  };
}
