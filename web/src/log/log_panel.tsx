// A build's log with all that belongs to it.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { notice } from '../parts/notices.tsx';
import { copy } from '../parts/copy.tsx';
import { useShortcuts } from '../parts/keys.ts';
import { Problem } from '../parts/problem.tsx';
import { plural } from '../words/plain.ts';
import { bare } from './control_sequences.ts';
import { parseRange } from './line_range.ts';
import { LogBar, searched } from './log_bar.tsx';
import { LogView } from './log_view.tsx';
import { LogModel } from './model.ts';
import { chooseWrap, wraps } from './prefs.ts';
import { type LogSource, logOf } from './source.ts';
import { searchPattern } from './spans.ts';

interface Props {
  log: OpenLog;
  start: number;
  isQueued: boolean;
}

export interface OpenLog {
  build: string;
  source: LogSource;
  model: LogModel;
}

// Begins to read a build's log, before anything of it can be drawn; ends with the component.
export function useLog(build: string): OpenLog {
  const log = useMemo(() => {
    const source = logOf(build);
    return { build, source, model: new LogModel(source) };
  }, [build]);
  useEffect(() => {
    void log.model.open(parseRange(location.hash));
    return () => {
      log.model.close();
      searched.value = { words: '', exactCase: false };
    };
  }, [log]);
  return log;
}

const MOST_COPIED = 5000;

export function LogPanel({ log: { build, source, model }, start, isQueued }: Props) {
  const [isWide, setWide] = useState(false);
  useEffect(() => {
    const onHash = (): void => {
      const range = parseRange(location.hash);
      if (range) model.choose(range, true);
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, [model]);
  useShortcuts([
    { key: '/', says: 'Search the log', run: () => document.querySelector<HTMLInputElement>('#log-search')?.focus() },
    { key: 'n', says: 'Next error', run: () => model.nextError(true) },
    { key: 'p', says: 'Previous error', run: () => model.nextError(false) },
    { key: 'f', says: 'Follow the log, go to its end', run: () => model.followNow() },
    { key: 'w', says: 'Wrap long lines', run: () => chooseWrap(!wraps.value) },
    { key: 'o', says: 'Only the log', run: () => setWide((before) => !before) },
  ], [model]);
  void model.version.value;
  const copyLines = async (): Promise<void> => {
    const range = model.chosen;
    if (!range) return;
    const texts: string[] = [];
    const last = Math.min(range.last, range.first + MOST_COPIED - 1);
    while (texts.length < last - range.first + 1) {
      const window = await source.lines(range.first - 1 + texts.length, Math.min(1000, last - range.first + 1 - texts.length));
      if (!window.lines.length) break;
      texts.push(...window.lines.map((line) => bare(line.text)));
    }
    await copy(texts.join('\n'), plural(texts.length, 'line'));
  };
  const { words, exactCase } = searched.value;
  const search = useMemo(() => searchPattern(words, exactCase), [words, exactCase]);
  return (
    <section class={isWide ? 'log-panel widened' : 'log-panel'} aria-labelledby="log-head">
      <h2 id="log-head" class="unseen">Log</h2>
      <LogBar model={model} build={build} isWide={isWide} widen={() => setWide(!isWide)} copyLines={() => void copyLines().catch(() => notice('bad', 'The lines could not be read'))} />
      {model.problem && <Problem problem={model.problem} retry={() => { model.problem = null; if (model.isReady) model.draw(); else void model.open(parseRange(location.hash)); }} />}
      {model.isReady && model.total === 0 && <p class="no-lines dim">{isQueued ? 'The log begins when a runner takes the build.' : model.isComplete ? 'The build wrote no line.' : 'No line has come yet.'}</p>}
      <LogView model={model} start={start} search={search} />
      <p class="unseen" role="status" aria-live="polite">{model.spoken.value}</p>
    </section>
  );
}
