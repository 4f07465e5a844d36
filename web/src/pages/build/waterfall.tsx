import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { BuildDetail } from '../../api/types.ts';
import { now } from '../../parts/clock.ts';
import { duration, slower } from '../../words/duration.ts';
import { barsOf } from './waterfall_bars.ts';

const WORDS = { waiting: 'waited', running: 'running', done: 'done', failed: 'failed', stopped: 'stopped' } as const;

export function Waterfall({ detail, lastGood }: { detail: BuildDetail; lastGood: string | null }) {
  const before = useLoad(lastGood && `detail ${lastGood}`, () =>
    result(api.GET('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/detail', { params: { path: { ...here(), build_uuid: lastGood ?? '' } } })));
  const isRunning = detail.summary.status !== 'stopped';
  const { bars, end, expected } = barsOf(detail, before.data, isRunning ? now.value : 0);
  if (!detail.steps.length && detail.summary.status === 'stopped') return null;
  const percent = (ms: number): string => `${Math.min(100, (ms / end) * 100).toFixed(2)}%`;
  return (
    <section class={lastGood ? 'waterfall compared' : 'waterfall'} aria-labelledby="time">
      <h2 id="time">Time {expected !== null && <span class="count">about {duration(expected)} expected</span>}</h2>
      <ol>
        {bars.map((bar) => (
          <li key={bar.name} class={bar.state}>
            <span class="name">{bar.name}<span class="unseen"> {WORDS[bar.state]} </span></span>
            <span class="track" aria-hidden="true">
              {bar.ghost !== null && <i class="ghost" style={{ left: percent(bar.from), width: percent(bar.ghost) }} />}
              <i class="bar-now" style={{ left: percent(bar.from), width: percent(bar.to - bar.from) }} />
              {expected !== null && <i class="expected" style={{ left: percent(expected) }} />}
            </span>
            <span class="number took" title={bar.ghost === null ? undefined : `last good build: ${duration(bar.ghost)}`}>{duration(bar.to - bar.from)}</span>
            <span class="dim slower">{bar.ghost !== null && bar.state !== 'running' ? slower(bar.to - bar.from, bar.ghost) : null}</span>
          </li>
        ))}
      </ol>
      {lastGood && <p class="dim key"><i class="ghost-sample" aria-hidden="true" /> the last good build</p>}
    </section>
  );
}
