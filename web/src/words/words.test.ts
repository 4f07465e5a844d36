import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago } from './ago.ts';
import { between, duration, slower } from './duration.ts';
import { bytes, firstLine, plain, sentence } from './plain.ts';
import { best, rank } from './rank.ts';
import { stateOf, urgency } from './state.ts';

test('a duration has two units at most, and none that is zero', () => {
  const said = [42, 4_200, 59_400, 59_600, 60_000, 61_000, 3_600_000, 3_660_000, 90_000_000].map(duration);
  assert.deepEqual(said, ['42 ms', '4.2 s', '59 s', '60 s', '1 min', '1 min 1 s', '1 h', '1 h 1 min', '1 d 1 h']);
  assert.equal(duration(Number.NaN), '–');
});

test('what has not ended lasts until now, and never less than nothing', () => {
  assert.equal(between('2026-11-24T09:00:00.000Z', null, Date.parse('2026-11-24T09:00:05.000Z')), 5000);
  assert.equal(between('2026-11-24T09:00:00.000Z', null, Date.parse('2026-11-24T08:00:00.000Z')), 0);
  assert.equal(between(null, null, 0), null);
});

test('a difference that is noise is not said', () => {
  assert.equal(slower(10_500, 10_000), null);
  assert.equal(slower(20_000, 10_000), '10 s slower');
  assert.equal(slower(1_000, 10_000), '9.0 s faster');
});

test('a moment is told from now, ahead as well', () => {
  const now = Date.parse('2026-11-24T09:00:00.000Z');
  assert.deepEqual([0, -4_000, -65_000, -7_200_000, -90_000_000, -1e10, 90_000].map((ms) => ago(now + ms, now)),
    ['just now', 'just now', '1 min ago', '2 h ago', '1 day ago', '2026-07-31', 'in 1 min']);
});

test('what strangers wrote hides nothing and turns nothing around', () => {
  assert.equal(plain('a\u202Eb'), 'a‹U+202E›b');
  assert.equal(plain('zero\u200Bwidth'), 'zero‹U+200B›width');
  assert.equal(plain('\u001b]0;title\u0007x\u0000'), ']0;titlex');
  assert.equal(firstLine('one\ntwo'), 'one');
  assert.equal(plain('<img src=x>'), '<img src=x>'); // text stays what it is
});

test('words of the server become a sentence', () => {
  assert.equal(sentence('the runner cannot start'), 'The runner cannot start.');
  assert.equal(sentence('All is well.'), 'All is well.');
  assert.equal(sentence(''), '');
});

test('sizes have at most three digits', () => {
  assert.deepEqual([0, 999, 1000, 18_350_080, 999_600, 412_090_368].map(bytes), ['0 B', '999 B', '1.0 kB', '18 MB', '1.0 MB', '412 MB']);
});

test('a name that begins with what was typed comes first, one that lacks a letter not at all', () => {
  assert.equal(rank('shop', 'shop'), 0);
  assert.equal(rank('xyz', 'shop'), null);
  assert.deepEqual(best('sh', ['push', 'my-shop', 'shop', 'squash'], (name) => name, 3), ['shop', 'my-shop', 'push']);
});

test('trouble is more urgent than what moves, and that than what is well', () => {
  const failed = stateOf('stopped', 'fail');
  assert.equal(failed.word, 'failed');
  assert.ok(urgency(failed) < urgency(stateOf('running', null)));
  assert.ok(urgency(stateOf('running', null)) < urgency(stateOf('stopped', 'success')));
  assert.equal(stateOf('stopped', 'something new').word, 'something new');
});
