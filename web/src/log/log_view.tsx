// The lines in sight, in a box that scrolls: some dozens of elements, however long the log is.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { shade } from '../parts/theme.ts';
import { LineRow } from './line_row.tsx';
import { extended, formatRange } from './line_range.ts';
import type { LogModel } from './model.ts';
import { times, wraps } from './prefs.ts';
import { Ruler } from './ruler.tsx';
import { StepRow } from './step_row.tsx';
import { timeOf } from './times.ts';

const PAUSE = 180;

interface Props {
  model: LogModel;
  start: number; // of the build, for times since then
  search: RegExp | null;
}

export function LogView({ model, start, search }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const sizer = useRef<HTMLDivElement>(null);
  const block = useRef<HTMLDivElement>(null);
  const applied = useRef(0); // the bar as this page last set or saw it
  const widest = useRef(0);
  void model.version.value; // drawn anew when it counts up
  const sight = model.place.inSight();
  const isWrapped = wraps.value;
  const form = times.value;
  const theme = shade.value;

  useLayoutEffect(() => {
    const [box, whole, inner] = [scroller.current, sizer.current, block.current];
    if (!box || !whole || !inner) return;
    const { place } = model;
    whole.style.height = `${place.map.boxHeight}px`;
    if (!isWrapped) widest.current = Math.max(widest.current, inner.scrollWidth);
    whole.style.minWidth = isWrapped ? '0' : `${widest.current}px`;
    if (place.bar !== applied.current) {
      box.scrollTop = place.bar;
      place.bar = box.scrollTop;
      applied.current = place.bar;
    }
    inner.style.transform = `translateY(${place.bar + sight.top}px)`;
    if (isWrapped) {
      const heights = new Map<number, number>();
      for (const row of inner.children) {
        if (row instanceof HTMLElement && row.dataset['line']) heights.set(Number(row.dataset['line']) - 1, row.offsetHeight);
      }
      if (place.measure(heights)) {
        if (model.following.on) place.goToEnd();
        model.draw();
      }
    }
    const lines: number[] = [];
    for (let row = sight.first; row <= sight.last; row += 1) {
      const found = place.rows.at(row);
      if (found?.kind === 'line') lines.push(found.line);
    }
    const [first] = lines;
    if (first !== undefined && model.isReady) model.need(first, lines.at(-1) ?? first);
  });

  useEffect(() => {
    const box = scroller.current;
    if (!box) return undefined;
    // Not before the movement has ended: setting the bar would end it.
    const settle = (): void => {
      if (box.scrollTop !== applied.current) return; // it moves again already, to an end of its own
      const bar = model.place.settledBar();
      if (bar === null) return;
      model.place.bar = bar;
      model.draw();
    };
    const tellsEnd = 'onscrollend' in window; // else a pause counts as one
    let pause: ReturnType<typeof setTimeout> | undefined;
    const onScroll = (): void => {
      applied.current = box.scrollTop;
      model.scrolled(box.scrollTop);
      if (tellsEnd) return;
      clearTimeout(pause);
      pause = setTimeout(settle, PAUSE);
    };
    let width = box.clientWidth;
    const sized = new ResizeObserver(() => {
      if (box.clientWidth !== width && wraps.peek()) model.place.forgetHeights();
      width = box.clientWidth;
      model.place.resize(box.clientHeight);
      if (model.following.on) model.place.goToEnd();
      model.draw();
    });
    const onSelection = (): void => {
      const selection = document.getSelection();
      if (selection && !selection.isCollapsed && box.contains(selection.anchorNode)) model.selected();
    };
    model.place.resize(box.clientHeight);
    box.addEventListener('scroll', onScroll, { passive: true });
    box.addEventListener('scrollend', settle);
    document.addEventListener('selectionchange', onSelection);
    sized.observe(box);
    return () => {
      clearTimeout(pause);
      box.removeEventListener('scroll', onScroll);
      box.removeEventListener('scrollend', settle);
      document.removeEventListener('selectionchange', onSelection);
      sized.disconnect();
    };
  }, [model]);

  useEffect(() => {
    model.place.forgetHeights();
    widest.current = 0;
    model.draw();
  }, [isWrapped, form]);

  const onClick = (event: MouseEvent): void => {
    const number = event.target instanceof Element ? event.target.closest('a.no') : null;
    if (!number) return;
    event.preventDefault();
    const range = extended(model.chosen, Number(number.textContent), event.shiftKey);
    model.choose(range);
    history.replaceState(history.state, '', formatRange(range));
  };

  const errors = new Set(model.errors.map((error) => error.line));
  const hit = model.found?.lines[model.foundAt];
  const rows = [];
  for (let row = sight.first; row <= sight.last; row += 1) {
    const found = model.place.rows.at(row);
    if (!found) continue;
    if (found.kind === 'step') {
      const step = model.steps[found.step];
      if (step) rows.push(<StepRow key={`step ${found.step}`} model={model} number={found.step} step={step} />);
      continue;
    }
    const number = found.line + 1;
    const line = model.held.line(found.line);
    const step = model.steps[found.step];
    rows.push(
      <LineRow
        key={number} number={number} line={line} theme={theme} search={search} isError={errors.has(number)} isFound={found.line === hit}
        time={line ? timeOf(line.at, form, start, step ? Date.parse(step.started_on) : start) : ''}
        isChosen={model.chosen !== null && number >= model.chosen.first && number <= model.chosen.last}
      />,
    );
  }
  const top = model.place.topRow();
  const stuck = top?.kind === 'line' && top.step >= 0 ? model.steps[top.step] : undefined;
  return (
    <div class="log-box">
      {stuck && top?.kind === 'line' && <StepRow model={model} number={top.step} step={stuck} isStuck />}
      <div ref={scroller} class={isWrapped ? 'log wrapped' : 'log'} role="log" aria-live="off" aria-label="Log" tabIndex={0} onClick={onClick} data-digits={String(model.total).length}>
        <div ref={sizer} class="sizer"><div ref={block} class={`block digits-${Math.min(8, String(model.total).length)} times-${form}`}>{rows}</div></div>
      </div>
      <Ruler model={model} />
      {model.following.missed > 0 && (
        <button type="button" class="news" onClick={() => model.followNow()}>{model.following.missed.toLocaleString('en')} new lines ↓</button>
      )}
    </div>
  );
}
