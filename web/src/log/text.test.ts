import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, GROUND, legible, rgbOf } from './colours.ts';
import { bare, clean } from './control_sequences.ts';
import { safeHref, withLinks } from './links.ts';
import { MOST_SPANS, searchPattern, spansOf } from './spans.ts';

const ESC = '\u001b';

test('only colours are left of control sequences', () => {
  assert.equal(clean(`${ESC}[2J${ESC}[1;31mred${ESC}[0m${ESC}[3A`), `${ESC}[1;31mred${ESC}[0m`);
  assert.equal(clean(`${ESC}]0;a title\u0007text`), 'text');
  assert.equal(clean(`${ESC}]8;;javascript:alert(1)${ESC}\\link${ESC}]8;;${ESC}\\`), 'link');
  assert.equal(clean(`${ESC}Pdevice${ESC}\\x`), 'x');
  assert.equal(clean('bell\u0007 back\b space\u009b31m'), 'bell back space31m');
});

test('a sequence that is never ended hides nothing behind it', () => {
  assert.equal(clean(`${ESC}]0;never ended, but this is the log`), '0;never ended, but this is the log');
  assert.equal(clean(`${ESC}[31`), '[31');
});

test('carriage returns leave what was written last, in the colour that held', () => {
  assert.equal(clean('10 %\r50 %\r100 %\r'), '100 %');
  assert.equal(clean(`${ESC}[32m10 %\r100 %`), `${ESC}[32m100 %`);
  assert.equal(clean('windows line\r'), 'windows line');
});

test('marks that turn the direction are named', () => {
  assert.equal(clean('user\u202E name'), 'user‹U+202E› name');
});

test('hostile lines take no longer than they are long', () => {
  const started = performance.now();
  for (const text of [`${ESC}]`.repeat(50_000), `${ESC}[`.repeat(50_000), '\r'.repeat(100_000), 'http://'.repeat(20_000), `${ESC}[31mx`.repeat(30_000)]) {
    spansOf(text, 'dark', searchPattern('x', false));
  }
  assert.ok(performance.now() - started < 2000);
});

test('only http and https become links', () => {
  const hrefs = (text: string): Array<string | null> => withLinks(text).map((piece) => piece.href).filter(Boolean);
  assert.deepEqual(hrefs('see https://a.example/x?y=1, or (http://b.example).'), ['https://a.example/x?y=1', 'http://b.example/']);
  assert.deepEqual(hrefs('javascript://a.example/%0aalert(1) data:text/html,x file:///etc/passwd'), []);
  assert.deepEqual(hrefs('https://en.example/a_(b)'), ['https://en.example/a_(b)']);
  assert.deepEqual(hrefs('https://'), []);
  assert.equal(safeHref('javascript:alert(1)'), null);
  assert.equal(safeHref('//evil.example'), null);
  assert.equal(safeHref('https://ok.example'), 'https://ok.example/');
});

test('no text is lost or added on the way to spans', () => {
  for (const text of [`a ${ESC}[1mb${ESC}[0m c https://x.example/y. d`, 'plain', '', `${ESC}[38;5;200mq${ESC}[48;2;1;2;3mr`]) {
    assert.equal(spansOf(text, 'light', null).map((span) => span.text).join(''), bare(text));
  }
});

test('256 and true colours are read, and always legible', () => {
  for (const theme of ['dark', 'light'] as const) {
    for (let colour = 0; colour < 256; colour += 1) {
      const rgb = rgbOf(`ansi-palette-${colour}`, null);
      assert.ok(rgb && contrast(legible(rgb, GROUND[theme]), GROUND[theme]) >= 4.5, `${colour} on ${theme}`);
    }
  }
  const [span] = spansOf(`${ESC}[38;2;0;0;0mblack on dark`, 'dark', null);
  assert.notEqual(span?.colour, 'rgb(0 0 0)');
  assert.equal(rgbOf('ansi-truecolor', '1, 2, 300'), null);
});

test('what was searched is marked, also between colours and in the other case', () => {
  const marked = spansOf(`an ${ESC}[31mError${ESC}[0m and an error`, 'dark', searchPattern('error', false)).filter((span) => span.marked);
  assert.deepEqual(marked.map((span) => span.text), ['Error', 'error']);
  assert.equal(spansOf('a.b', 'dark', searchPattern('.', true)).filter((span) => span.marked).length, 1);
});

test('a line of a million signs and colours stays small', () => {
  const spans = spansOf(`${ESC}[31mx${ESC}[32my`.repeat(100_000), 'dark', null);
  assert.ok(spans.length <= MOST_SPANS + 1);
  assert.match(spans.at(-1)?.text ?? '', /more characters/);
});
