// What can be done with a log: search it, go from error to error, choose times and wrapping, fold, take it away.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { copy } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { plural } from '../words/plain.ts';
import { formatRange } from './line_range.ts';
import type { LogModel } from './model.ts';
import { chooseTimes, chooseWrap, times, wraps } from './prefs.ts';
import { rawAddress } from './source.ts';
import { TIME_FORMS, TIME_LABELS, type TimeForm } from './times.ts';

export const searched = signal({ words: '', exactCase: false });

interface Props {
  model: LogModel;
  build: string;
  isWide: boolean;
  widen: () => void;
  copyLines: () => void;
}

export function LogBar({ model, build, isWide, widen, copyLines }: Props) {
  void model.version.value;
  const { chosen } = model;
  return (
    <div class="log-bar" role="toolbar" aria-label="Log">
      <Search model={model} />
      {model.errorCount > 0 && (
        <span class="group">
          <span class="state bad"><Icon name="cross" /><span>{plural(model.errorCount, 'error')}</span></span>
          <button type="button" class="quiet small" aria-label="Previous error" title="Previous error (p)" onClick={() => model.nextError(false)}><Icon name="up" /></button>
          <button type="button" class="quiet small" aria-label="Next error" title="Next error (n)" onClick={() => model.nextError(true)}><Icon name="down" /></button>
        </span>
      )}
      {chosen && (
        <span class="group">
          <button type="button" class="quiet small" onClick={() => void copy(location.href.replace(/#.*$/, '') + formatRange(chosen), 'the link')}><Icon name="link" />Link to {formatRange(chosen).slice(1)}</button>
          <button type="button" class="quiet small" onClick={copyLines}><Icon name="copy" />Lines</button>
        </span>
      )}
      <span class="rest">
        {!model.isComplete && model.isReady && (
          <button type="button" class="quiet small" aria-pressed={model.following.on} title="Follow (f)" onClick={() => model.followNow()}><Icon name="down" />Follow</button>
        )}
        <label class="times"><span class="unseen">Times</span><Icon name="clock" />
          <select value={times.value} onChange={(event) => chooseTimes(TIME_FORMS.find((form) => form === event.currentTarget.value) ?? 'off')}>
            {TIME_FORMS.map((form: TimeForm) => <option key={form} value={form}>{TIME_LABELS[form]}</option>)}
          </select>
        </label>
        <button type="button" class="quiet small" aria-pressed={wraps.value} aria-label="Wrap long lines" title="Wrap long lines (w)" onClick={() => chooseWrap(!wraps.value)}><Icon name="wrap" /></button>
        <button type="button" class="quiet small" aria-pressed={isWide} aria-label="Only the log" title="Only the log (o)" onClick={widen}><Icon name="wide" /></button>
        <Menu label={<><Icon name="more" /><span class="unseen">More of the log</span></>}>
          <button type="button" onClick={() => model.foldAll(true)}>Fold all steps</button>
          <button type="button" onClick={() => model.foldAll(false)}>Unfold all steps</button>
          <hr />
          <a href={rawAddress(build, {})} target="_blank" rel="noopener">Raw</a>
          <a href={rawAddress(build, { timestamps: true })} target="_blank" rel="noopener">Raw with times</a>
          <a href={rawAddress(build, { download: true })} download>Download</a>
        </Menu>
      </span>
    </div>
  );
}

function Search({ model }: { model: LogModel }) {
  const input = useRef<HTMLInputElement>(null);
  const { words, exactCase } = searched.value;
  void model.version.value;
  useEffect(() => {
    const timer = setTimeout(() => void model.search(words, exactCase), words.length > 1 ? 120 : 250);
    return () => clearTimeout(timer);
  }, [words, exactCase, model]);
  useEffect(() => {
    // Once for the whole log, on the server; a second time for the browser's own search.
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'f' || document.activeElement === input.current) return;
      event.preventDefault();
      input.current?.select();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  const found = model.found;
  const place = found ? `${found.count ? (model.foundAt + 1).toLocaleString('en') : 0} of ${found.count.toLocaleString('en')}` : '';
  return (
    <span class="group search" role="search">
      <Icon name="search" />
      <input
        ref={input} id="log-search" type="text" placeholder="Search all lines" aria-label="Search all lines" value={words} spellcheck={false} maxLength={1000}
        onInput={(event) => { searched.value = { words: event.currentTarget.value, exactCase }; }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') { event.preventDefault(); model.nextFound(!event.shiftKey); }
          if (event.key === 'Escape') { searched.value = { words: '', exactCase }; input.current?.blur(); }
        }}
      />
      <span class="found number" role="status">{place}</span>
      <button type="button" class="quiet small" aria-pressed={exactCase} aria-label="Capital letters count" title="Capital letters count" onClick={() => { searched.value = { words, exactCase: !exactCase }; }}>Aa</button>
      {found && found.count > 0 && (
        <>
          <button type="button" class="quiet small" aria-label="Previous hit" onClick={() => model.nextFound(false)}><Icon name="up" /></button>
          <button type="button" class="quiet small" aria-label="Next hit" onClick={() => model.nextFound(true)}><Icon name="down" /></button>
        </>
      )}
    </span>
  );
}
