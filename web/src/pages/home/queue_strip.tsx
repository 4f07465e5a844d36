// One line: what runs, what waits, and the month's build minutes.
import type { Limits, QueueStrip as Strip } from '../../api/types.ts';
import { Icon } from '../../parts/icon.tsx';
import { plural, sentence } from '../../words/plain.ts';

export function QueueStrip({ queue, limits }: { queue: Strip; limits: Limits }) {
  return (
    <div class="strip">
      <a href="/queue"><strong class="number">{queue.running}</strong> of {queue.slots} running{queue.waiting ? <>, <strong class="number">{queue.waiting}</strong> waiting</> : ''}</a>
      <Minutes limits={limits} />
      {queue.no_builds && <span class="state warn"><Icon name="break" /><span>{sentence(queue.no_builds)}</span></span>}
    </div>
  );
}

export function Minutes({ limits }: { limits: Limits }) {
  const { build_minutes_used: used, build_minutes_limit: most } = limits;
  return (
    <span class={limits.has_reached_build_minutes_limit ? 'minutes state bad' : 'minutes'}>
      <strong class="number">{used.toLocaleString('en')}</strong>{most === null ? ' build minutes this month' : ` of ${plural(most, 'build minute')}`}
      {most !== null && <meter min={0} max={most} value={Math.min(used, most)} high={most * 0.9} aria-label="Build minutes used" />}
    </span>
  );
}
