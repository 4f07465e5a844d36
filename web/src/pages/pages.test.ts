import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry, BuildDetail, Delivery, OverviewWorker } from '../api/types.ts';
import { actionOf, changeOf as changeOfAudit, valueOf, whoOf } from './audit/words.ts';
import { browserOf } from './account/browser.ts';
import { quoted, runCommand } from './build/run_command.ts';
import { barsOf } from './build/waterfall_bars.ts';
import { inOrder, tabState } from './home/order.ts';
import { summaryOf } from './pushes/summary.ts';

const worker = (worker_name: string, outcome: string | null, status = 'stopped'): OverviewWorker =>
  ({ worker_name, latest_build: outcome === 'none' ? null : { status, build_outcome: outcome, branch: 'main', author: 'Ada', commit_message: 'x', commit_hash: 'abc' } }) as unknown as OverviewWorker;

test('trouble stands first, then what runs, then names', () => {
  const all = [worker('b', 'success'), worker('a', 'success'), worker('z', 'fail'), worker('y', null, 'running'), worker('n', 'none')];
  assert.deepEqual(inOrder(all, '').map((one) => one.worker_name), ['z', 'y', 'a', 'b', 'n']);
  assert.deepEqual(inOrder(all, 'failed').map((one) => one.worker_name), ['z']);
  assert.equal(tabState(all), 'failed');
  assert.equal(tabState([worker('a', 'success')]), 'idle');
});

test('a delivery is told by the verdict that matters', () => {
  const delivery = (over: object): Delivery => ({ signature: 'verified', verdicts: [], notes: [], ...over }) as unknown as Delivery;
  const verdict = (decision: string, rule: string) => ({ decision, rule, trigger_name: 'Deploy' });
  assert.equal(summaryOf(delivery({ signature: 'refused' })).decision, 'refused');
  assert.equal(summaryOf(delivery({ verdicts: [verdict('passed_over', 'x'), verdict('built', 'y')] })).sentence, 'by Deploy');
  assert.equal(summaryOf(delivery({ verdicts: [verdict('passed_over', 'p'), verdict('skipped', 's')] })).sentence, 's');
  assert.equal(summaryOf(delivery({ notes: ['nobody asked'] })).sentence, 'nobody asked');
});

test('a command for a shell is quoted, whatever stands in it', () => {
  assert.equal(quoted(`it's; rm -rf $HOME`), `'it'\\''s; rm -rf $HOME'`);
  const detail = { build: { build_trigger_metadata: {
    root_directory: '/', build_command: 'npm run build', branch: '$(x)', commit_hash: '9fceb02d0ae598e95dc970b74767f19372d61af8',
    environment_variables: { STAGE: 'test', TOKEN: '[secret]' },
  } } } as unknown as BuildDetail;
  assert.equal(runCommand(detail), `git checkout 9fceb02d0ae5 && kiln run --build-command 'npm run build' --branch '$(x)' --env STAGE=test --secret TOKEN`);
});

test('bars begin where the steps did, and have the last good ones beside them', () => {
  const at = (s: number): string => new Date(Date.parse('2026-11-24T09:00:00.000Z') + s * 1000).toISOString();
  const made = (install: number): BuildDetail => ({
    summary: { created_on: at(0), started_on: at(2), stopped_on: at(2 + install), status: 'stopped' }, queued_ms: 2000, expected_ms: null,
    steps: [{ step: 'install', attempt: 1, state: 'done', started_on: at(2), stopped_on: at(2 + install) }],
  }) as unknown as BuildDetail;
  const { bars, end } = barsOf(made(10), made(5), 0);
  assert.deepEqual(bars.map((bar) => [bar.name, bar.from, bar.to, bar.ghost]), [['Wait', 0, 2000, 2000], ['Install', 2000, 12_000, 5000]]);
  assert.equal(end, 12_000);
});

test('browsers are named in two words', () => {
  assert.equal(browserOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36'), 'Chrome on Linux');
  assert.equal(browserOf('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120'), 'Edge on Windows');
  assert.equal(browserOf('curl/8'), 'another client');
});

test('an entry of the audit is told in words', () => {
  const by = (kind: string, name: string) => whoOf({ who: { kind, name, id: '' } } as unknown as AuditEntry);
  assert.deepEqual(by('administrator', 'administrator'), { name: 'administrator', as: '' });
  assert.deepEqual(by('build', 'shop'), { name: 'shop', as: 'a build' });
  assert.deepEqual(by('anybody', ''), { name: 'anybody', as: '' });
  assert.equal(actionOf('createBuildToken'), 'create build token');
  assert.equal(changeOfAudit({ object: 'build_token', id: '9fceb02d-0ae5-498e-95dc-970b74767f19', change: 'removed', fields: {} }), 'build token 9fceb02d removed');
  assert.equal(changeOfAudit({ object: 'build', change: 'removed', count: 2 }), '2 builds removed');
  assert.deepEqual([valueOf(null), valueOf(''), valueOf(0)], ['nothing', 'nothing', '0']);
});
