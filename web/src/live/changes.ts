// What changes on the server, as the account's stream of events tells it, for whoever on the page wants to know.
import { effect } from '@preact/signals';
import { account } from '../api/session.ts';
import type { BuildSummary, OverviewWorker, QueueStrip } from '../api/types.ts';
import { connection, found, lost } from './connection.ts';
import { openStream } from './streams.ts';

export type LiveChange =
  | { kind: 'build'; build: BuildSummary }
  | { kind: 'deployment'; worker: OverviewWorker }
  | { kind: 'queue'; queue: QueueStrip }
  | { kind: 'reset' };

const listeners = new Set<(change: LiveChange) => void>();

export function onChange(listener: (change: LiveChange) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(change: LiveChange): void {
  for (const listener of [...listeners]) listener(change);
}

// The last event that what is on the page shows.
let known = '';

export function knows(eventId: string): void {
  known = eventId;
}

function understand(name: string, data: string): LiveChange | null {
  try {
    switch (name) {
      case 'build': return { kind: 'build', build: JSON.parse(data) as BuildSummary };
      case 'deployment': return { kind: 'deployment', worker: JSON.parse(data) as OverviewWorker };
      case 'queue': return { kind: 'queue', queue: JSON.parse(data) as QueueStrip };
      case 'reset': return { kind: 'reset' };
      default: return null;
    }
  } catch {
    return null;
  }
}

// Follows the account that is looked at, and another when that one is chosen.
export function followAccount(): void {
  let close: (() => void) | null = null;
  let following = '';
  effect(() => {
    const id = account.value;
    if (id === following) return;
    following = id;
    close?.();
    close = null;
    if (!id) return;
    known = '';
    let wasDown = false;
    close = openStream(
      { address: `/client/v4/accounts/${id}/builds/events`, resume: 'since', events: ['hello', 'build', 'deployment', 'queue', 'reset'] },
      {
        event: (name, id, data) => {
          if (id) {
            // Between what was loaded and the stream's beginning something may have happened.
            if (name === 'hello' && id !== known) tell({ kind: 'reset' });
            known = id;
          }
          const change = understand(name, data);
          if (change) tell(change);
        },
        up: () => {
          found();
          if (wasDown) tell({ kind: 'reset' }); // what was asked meanwhile found nobody
          wasDown = false;
        },
        down: () => {
          wasDown = true;
          lost();
        },
      },
    );
  });
  // A request that found nobody while the stream believes all is well.
  setInterval(() => {
    if (connection.value === 'down' && !document.hidden) {
      fetch('/livez', { cache: 'no-store' }).then((answer) => { if (answer.ok) { found(); tell({ kind: 'reset' }); } }, () => undefined);
    }
  }, 3000);
}

// Whether a change is news about that build; about that Worker.
export const isBuild = (change: LiveChange, uuid: string): boolean => change.kind === 'build' && change.build.build_uuid === uuid;
export const isWorker = (change: LiveChange, tag: string): boolean =>
  (change.kind === 'build' && change.build.script_tag === tag) || (change.kind === 'deployment' && change.worker.script_tag === tag);
