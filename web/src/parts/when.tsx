// A moment, in words that stay true while they are looked at; in full to whoever points at it.
import { ago } from '../words/ago.ts';
import { between, duration } from '../words/duration.ts';
import { now } from './clock.ts';

export function When({ at }: { at: string | null }) {
  if (!at) return <span class="dim">never</span>;
  const then = Date.parse(at);
  return <time dateTime={at} title={new Date(then).toLocaleString()}>{ago(then, now.value)}</time>;
}

export function Lasting({ from, to }: { from: string | null; to: string | null }) {
  const ms = between(from, to, now.value);
  return ms === null ? <span class="dim">–</span> : <span class="number">{duration(ms)}</span>;
}
