import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause, resumed } from './protocol.ts';

test('a stream goes on where it broke off', () => {
  assert.equal(resumed('/a/events', 'since', ''), '/a/events');
  assert.equal(resumed('/a/events', 'since', '12'), '/a/events?since=12');
  assert.equal(resumed('/a/live?from=5', 'from', '99'), '/a/live?from=100');
  assert.equal(resumed('/a/live?tail=200', 'from', '7'), '/a/live?from=8');
});

test('attempts come further apart, up to ten seconds or so, and not all at once', () => {
  assert.ok(pause(0, 0.5) <= 600);
  assert.ok(pause(20, 1) <= 12_500);
  assert.notEqual(pause(3, 0), pause(3, 1));
});
