// A line, drawn: its number, its time, its text in colours. Text stays text, whatever is written in it.
import type { Line } from './line.ts';
import { type Span, spansOf } from './spans.ts';

interface Props {
  number: number; // from 1
  line: Line | null;
  time: string;
  theme: 'dark' | 'light';
  search: RegExp | null;
  isChosen: boolean;
  isError: boolean;
  isFound: boolean;
}

interface Kept {
  theme: string;
  search: string;
  spans: Span[];
}

const kept = new WeakMap<Line, Kept>();

function cachedSpans(line: Line, theme: 'dark' | 'light', search: RegExp | null): Span[] {
  const before = kept.get(line);
  const words = search ? String(search) : '';
  if (before && before.theme === theme && before.search === words) return before.spans;
  const spans = spansOf(line.text, theme, search);
  kept.set(line, { theme, search: words, spans });
  return spans;
}

export function LineRow({ number, line, time, theme, search, isChosen, isError, isFound }: Props) {
  const looks = `line${isChosen ? ' chosen' : ''}${isError ? ' error' : ''}${isFound ? ' found' : ''}${line?.service ? ' service' : ''}`;
  return (
    <div class={looks} data-line={number}>
      <a class="no" href={`#L${number}`} tabIndex={-1} draggable={false}>{number}</a>
      {time && <span class="at">{time}</span>}
      <span class="tx">{line ? cachedSpans(line, theme, search).map(draw) : null}</span>
    </div>
  );
}

function draw(span: Span, place: number) {
  if (!span.href && !span.marked && !span.colour && !span.ground && !span.looks) return span.text;
  const style = span.colour || span.ground ? { color: span.colour ?? undefined, backgroundColor: span.ground ?? undefined } : undefined;
  if (span.href) return <a key={place} href={span.href} class={span.looks} style={style} target="_blank" rel="noopener noreferrer nofollow" tabIndex={-1}>{span.marked ? <mark>{span.text}</mark> : span.text}</a>;
  if (span.marked) return <mark key={place}>{span.text}</mark>;
  return <span key={place} class={span.looks || undefined} style={style}>{span.text}</span>;
}
