// Where a log comes from: the server's windows on it, its marks, its search, its live stream. Lines count from 0 here, from 1 there.
import { api, here, result } from '../api/client.ts';
import type { BuildStep, LogMarks } from '../api/types.ts';
import { openStream } from '../live/streams.ts';
import type { Line } from './line.ts';

export interface LogEvents {
  lines(first: number, lines: Line[], total: number): void;
  step(step: BuildStep): void;
  waiting(reason: string | null): void;
  end(): void;
  broken(): void;
}

export interface Found {
  count: number;
  lines: number[]; // the first 10,000
}

export interface LogSource {
  lines(from: number, count: number): Promise<{ first: number; lines: Line[]; total: number }>;
  marks(): Promise<LogMarks>;
  search(words: string, exactCase: boolean): Promise<Found>;
  follow(from: number, events: LogEvents): () => void;
}

interface LogWindow {
  first: number;
  lines: ReadonlyArray<ReadonlyArray<string | number>>; // [time, text, origin]
  total: number;
}

const asLines = (window: LogWindow): Line[] => window.lines.map(([at, text, origin]) => ({ at: Number(at), text: String(text), service: origin === 'service' }));

export function logOf(build_uuid: string): LogSource {
  const path = (): { account_id: string; build_uuid: string } => ({ ...here(), build_uuid });
  const base = '/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/logs' as const;
  return {
    async lines(from, count) {
      const window = await result(api.GET(`${base}/lines`, { params: { path: path(), query: { from: from + 1, count } } }));
      return { first: window.first - 1, lines: asLines(window), total: window.total };
    },
    marks: () => result(api.GET(`${base}/marks`, { params: { path: path() } })),
    async search(words, exactCase) {
      const found = await result(api.GET(`${base}/search`, { params: { path: path(), query: { q: words, ignore_case: exactCase ? 'false' : 'true', limit: 1 } } }));
      return { count: found.count, lines: found.lines.map((line) => line - 1) };
    },
    follow(from, events) {
      const address = `/client/v4/accounts/${here().account_id}/builds/builds/${build_uuid}/logs/live?from=${from + 1}`;
      return openStream({ address, resume: 'from', events: ['lines', 'step', 'state', 'waiting', 'end', 'error'] }, {
        event(name, _id, data) {
          if (name === 'end') events.end();
          else if (name === 'error') events.broken();
          else if (name === 'step') events.step(JSON.parse(data) as BuildStep);
          else if (name === 'waiting') events.waiting((JSON.parse(data) as { reason: string | null }).reason);
          else if (name === 'lines') {
            const window = JSON.parse(data) as LogWindow;
            events.lines(window.first - 1, asLines(window), window.total);
          }
        },
        up: () => undefined,
        down: () => undefined,
      });
    },
  };
}

export function rawAddress(build_uuid: string, options: { timestamps?: boolean; download?: boolean }): string {
  const query = new URLSearchParams({ colours: 'false' });
  if (options.timestamps) query.set('timestamps', 'true');
  if (options.download) query.set('download', 'true');
  return `/client/v4/accounts/${here().account_id}/builds/builds/${build_uuid}/logs/raw?${query.toString()}`;
}
