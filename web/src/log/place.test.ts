import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow } from './follow.ts';
import { Geometry, HEADING_HEIGHT, LINE_HEIGHT } from './geometry.ts';
import { Heights } from './heights.ts';
import { HeldLines, MOST_PAGES, PAGE } from './held_lines.ts';
import type { Line } from './line.ts';
import { extended, formatRange, parseRange } from './line_range.ts';
import { Rows } from './rows.ts';
import { HIGHEST, ScrollMap } from './scroll_map.ts';
import { foldedAtFirst, linesOfSteps, withStep } from './steps.ts';
import { timeOf } from './times.ts';
import type { BuildStep } from '../api/types.ts';

const lines = (count: number, from = 0): Line[] => Array.from({ length: count }, (_, i) => ({ at: from + i, text: `line ${from + i}`, service: false }));
const step = (name: BuildStep['step'], first_line: number, state: BuildStep['state'] = 'done', attempt = 1): BuildStep => ({
  step: name, attempt, state, started_on: '2026-11-24T09:00:00.000Z', stopped_on: null, command: null, exit_code: null, signal: null, first_line,
});

test('heights: every row is found at its place, whatever heights it and others have', () => {
  const heights = new Heights(5000, 20);
  const plainly = Array.from({ length: 5000 }, () => 20);
  let seed = 7;
  for (let i = 0; i < 400; i += 1) {
    seed = (seed * 16807) % 2147483647;
    const row = seed % 5000;
    const height = 20 * (1 + (seed % 9));
    heights.set(row, height);
    plainly[row] = height;
  }
  let top = 0;
  plainly.forEach((height, row) => {
    assert.equal(heights.top(row), top);
    assert.equal(heights.at(top), row);
    assert.equal(heights.at(top + height - 1), row);
    top += height;
  });
  assert.equal(heights.total, top);
  assert.equal(heights.at(-5), 0);
  assert.equal(heights.at(top + 100), 4999);
  heights.grow(20_000);
  assert.equal(heights.total, top + 15_000 * 20);
  assert.equal(heights.at(heights.total - 1), 19_999);
});

test('rows: headings stand before their lines, folded steps keep the heading alone', () => {
  const steps = [{ name: 'install', first: 2, count: 3 }, { name: 'build', first: 5, count: 4 }];
  const open = new Rows(10, steps, new Set());
  assert.equal(open.count, 12);
  assert.deepEqual(open.at(2), { kind: 'step', step: 0 });
  assert.deepEqual(open.at(3), { kind: 'line', line: 2, step: 0 });
  assert.deepEqual(open.at(11), { kind: 'line', line: 9, step: -1 });
  for (let line = 0; line < 10; line += 1) assert.equal((open.at(open.ofLine(line)) as { line: number }).line, line);
  const folded = new Rows(10, steps, new Set([0]));
  assert.equal(folded.count, 9);
  assert.deepEqual(folded.at(folded.ofLine(3)), { kind: 'step', step: 0 });
  assert.deepEqual(folded.headings(), [2, 3]);
  assert.equal(new Rows(0, [], new Set()).at(0), null);
});

test('a bar of eight million pixels reaches every line of a log that is higher', () => {
  const map = new ScrollMap(40_000_000, 800);
  assert.equal(map.boxHeight, HIGHEST);
  assert.equal(map.toContent(0), 0);
  assert.equal(map.toContent(HIGHEST - 800), 40_000_000 - 800);
  assert.ok(Math.abs(map.toBar(map.toContent(1_234_567)) - 1_234_567) < 0.01);
  assert.equal(map.moved(10_000, 2000, 2100), 10_100); // a notch of the wheel is a notch
  assert.equal(map.moved(10_000, 2000, HIGHEST), map.end);
  assert.equal(map.moved(10_000, 2000, 0), 0);
  assert.equal(new ScrollMap(1000, 400).moved(0, 0, 300), 300);
});

test('no more than 5,000 lines are held, those read last', () => {
  const held = new HeldLines();
  held.setTotal(1_000_000);
  for (let page = 0; page < 100; page += 1) held.put(page * PAGE, lines(PAGE, page * PAGE));
  assert.equal(held.held, MOST_PAGES * PAGE);
  assert.equal(held.line(0), null);
  assert.equal(held.line(99 * PAGE)?.text, `line ${99 * PAGE}`);
  assert.deepEqual(held.missing(0, 10), [0]);
  assert.deepEqual(held.missing(99 * PAGE, 99 * PAGE + 5), []);
});

test('live lines join those that are held; what would leave a gap is asked for instead', () => {
  const held = new HeldLines();
  held.put(0, lines(10));
  held.put(10, lines(3, 10));
  assert.equal(held.line(12)?.text, 'line 12');
  held.put(40, lines(5, 40));
  assert.equal(held.total, 45);
  assert.equal(held.line(42), null);
  assert.deepEqual(held.missing(0, 44), [0]);
  held.put(13, lines(32, 13));
  assert.equal(held.line(44)?.text, 'line 44');
  held.put(5, lines(4, 5)); // an older answer takes nothing away
  assert.equal(held.line(44)?.text, 'line 44');
});

test('follow ends on upward scroll and on selection, and begins anew at the end', () => {
  let state = { on: true, missed: 0 };
  state = follow(state, { kind: 'scrolled', up: true, atEnd: false });
  assert.deepEqual(state, { on: false, missed: 0 });
  state = follow(state, { kind: 'came', lines: 12 });
  state = follow(state, { kind: 'came', lines: 3 });
  assert.deepEqual(state, { on: false, missed: 15 });
  state = follow(state, { kind: 'scrolled', up: false, atEnd: false });
  assert.equal(state.on, false);
  assert.deepEqual(follow(state, { kind: 'scrolled', up: false, atEnd: true }), { on: true, missed: 0 });
  assert.equal(follow({ on: true, missed: 0 }, { kind: 'selected' }).on, false);
  assert.equal(follow({ on: true, missed: 0 }, { kind: 'scrolled', up: false, atEnd: true }).on, true);
});

test('the line that is read does not move when the log grows, is folded above, or is measured above', () => {
  const place = new Geometry();
  place.resize(400);
  place.arrange(1000, [{ name: 'a', first: 0, count: 500 }, { name: 'b', first: 500, count: 500 }], new Set());
  place.goToLine(700, true);
  const seen = (): number => {
    const sight = place.inSight();
    let y = sight.top;
    for (let row = sight.first; row <= sight.last; row += 1) {
      const found = place.rows.at(row);
      if (found?.kind === 'line' && found.line === 700) return y;
      y += found?.kind === 'step' ? HEADING_HEIGHT : LINE_HEIGHT;
    }
    return Number.NaN;
  };
  const before = seen();
  assert.ok(before > 0 && before < 400);
  place.arrange(5000, [{ name: 'a', first: 0, count: 500 }, { name: 'b', first: 500, count: 4500 }], new Set());
  assert.equal(seen(), before);
  place.arrange(5000, [{ name: 'a', first: 0, count: 500 }, { name: 'b', first: 500, count: 4500 }], new Set([0]));
  assert.equal(seen(), before);
  place.measure(new Map([[510, 80], [511, 60]]));
  assert.equal(seen(), before);
});

test('lines of an address', () => {
  assert.deepEqual(parseRange('#L120-L140'), { first: 120, last: 140 });
  assert.deepEqual(parseRange('#L140-L120'), { first: 120, last: 140 });
  assert.deepEqual(parseRange('#L7'), { first: 7, last: 7 });
  for (const wrong of ['', '#', '#L0', '#L-1', '#Lx', '#L1-L2-L3', '#L99999999999']) assert.equal(parseRange(wrong), null);
  assert.equal(formatRange({ first: 3, last: 3 }), '#L3');
  assert.deepEqual(extended({ first: 10, last: 10 }, 20, true), { first: 10, last: 20 });
  assert.deepEqual(extended({ first: 10, last: 10 }, 5, true), { first: 5, last: 10 });
  assert.deepEqual(extended({ first: 10, last: 12 }, 5, false), { first: 5, last: 5 });
});

test('of a failed build what went well is folded, of a running one nothing', () => {
  const steps = [step('clone', 1), step('install', 10, 'failed')];
  assert.deepEqual([...foldedAtFirst(steps, true)], [0]);
  assert.deepEqual([...foldedAtFirst(steps, false)], []);
  assert.deepEqual([...foldedAtFirst([step('clone', 1), step('build', 10), step('deploy', 20)], true)], [0]);
});

test('steps share the lines among them, also those that wrote none', () => {
  const parts = linesOfSteps([step('clone', 1), step('tools', 5), step('install', 5), step('build', 300)], 200);
  assert.deepEqual(parts.map((part) => [part.first, part.count]), [[0, 4], [4, 0], [4, 196], [200, 0]]);
  const news = withStep([step('clone', 1, 'running')], step('clone', 1, 'done'));
  assert.equal(news.length, 1);
  assert.equal(withStep(news, step('clone', 80, 'running', 2)).length, 2);
});

test('times in four forms', () => {
  const at = new Date(2026, 10, 24, 9, 15, 42, 250).getTime();
  assert.equal(timeOf(at, 'off', 0, 0), '');
  assert.equal(timeOf(at, 'clock', 0, 0), '09:15:42');
  assert.equal(timeOf(at, 'start', at - 65_200, 0), '1:05.2');
  assert.equal(timeOf(at, 'step', 0, at - 3_723_000), '1:02:03');
  assert.equal(timeOf(at, 'start', at + 50, 0), '0:00.0');
});
