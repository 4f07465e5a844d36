// Sinks in words. Pure.
import type { Sink } from '../../api/types.ts';

export const KINDS: Record<Sink['kind'], string> = {
  webhook: 'Webhook', slack: 'Slack', discord: 'Discord', teams: 'Microsoft Teams', google_chat: 'Google Chat', mattermost: 'Mattermost', ntfy: 'ntfy', matrix: 'Matrix', email: 'Mail',
};

const OUTCOMES: Record<Sink['outcomes'], string> = { all: 'every ending', failures: 'failures', changes: 'first failures and recoveries' };

export function toldWords(sink: Pick<Sink, 'outcomes' | 'production_only' | 'worker_name' | 'events'>): string {
  const endings = sink.events.some((name) => /\.(failed|succeeded|canceled)$/.test(name));
  const others = sink.events.filter((name) => !/\.(failed|succeeded|canceled)$/.test(name)).length;
  const parts = [endings && OUTCOMES[sink.outcomes], others > 0 && `${others} other ${others === 1 ? 'event' : 'events'}`].filter(Boolean);
  return `${parts.join(' and ') || 'nothing'}${sink.production_only ? ' of production branches' : ''}${sink.worker_name ? ` of ${sink.worker_name}` : ''}`;
}

// Which fields besides name and address a kind has.
export const FIELDS: Record<Sink['kind'], ReadonlyArray<'token' | 'room' | 'user' | 'from' | 'to'>> = {
  webhook: ['token'], slack: [], discord: [], teams: [], google_chat: [], mattermost: [], ntfy: ['token'], matrix: ['room', 'token'], email: ['from', 'to', 'user', 'token'],
};
