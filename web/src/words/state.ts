// What has become of a build, in one word, with a tone and a sign beside it: never by colour alone.

export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'warn';

export interface State {
  word: string;
  tone: Tone;
  sign: 'tick' | 'cross' | 'run' | 'wait' | 'skip' | 'stop' | 'break';
}

const STATES: Record<string, State> = {
  queued: { word: 'queued', tone: 'quiet', sign: 'wait' },
  initializing: { word: 'starting', tone: 'busy', sign: 'run' },
  running: { word: 'running', tone: 'busy', sign: 'run' },
  success: { word: 'succeeded', tone: 'good', sign: 'tick' },
  fail: { word: 'failed', tone: 'bad', sign: 'cross' },
  skipped: { word: 'skipped', tone: 'quiet', sign: 'skip' },
  cancelled: { word: 'cancelled', tone: 'quiet', sign: 'stop' },
  terminated: { word: 'terminated', tone: 'warn', sign: 'break' },
};

export const OUTCOMES = ['success', 'fail', 'skipped', 'cancelled', 'terminated'] as const;

export function stateOf(status: string, outcome: string | null | undefined): State {
  return STATES[outcome ?? status] ?? { word: outcome ?? status, tone: 'quiet', sign: 'wait' };
}

// Trouble first, then what moves, then the rest.
export function urgency(state: State | null): number {
  if (!state) return 4;
  return { bad: 0, warn: 1, busy: 2, quiet: 3, good: 3 }[state.tone];
}
