// What an account has besides Workers and builds, in the shapes of api/openapi.yaml: sinks, source hosts, tokens, the audit.
import { at, uuid } from './values.mjs';

const sinks = [
  { sink_uuid: uuid('sink ops'), name: 'ops', kind: 'webhook', place: 'https://ops.example.com', worker_name: null, events: ['build.started', 'build.failed', 'build.succeeded', 'kiln.build.queued'], outcomes: 'all', production_only: false, enabled: true, off_reason: null, created_on: at(-9e5), modified_on: at(-9e5) },
  { sink_uuid: uuid('sink team'), name: 'team', kind: 'slack', place: 'https://hooks.slack.com', worker_name: 'shop', events: ['build.failed', 'build.succeeded'], outcomes: 'changes', production_only: true, enabled: false, off_reason: 'it answered 410 Gone', created_on: at(-8e5), modified_on: at(-7e5) },
];
const deliveries = [
  { delivery_uuid: uuid('one'), event: 'cf.workersBuilds.worker.build.failed', build_uuid: uuid('b'), state: 'delivered', attempts: 1, status: 200, answer: 'ok', error: null, created_on: at(-400), tried_on: at(-399), next_try_on: null },
  { delivery_uuid: uuid('two'), event: 'kiln.build.queued', build_uuid: uuid('b'), state: 'parked', attempts: 9, status: 503, answer: '<h1>down</h1>', error: null, created_on: at(-9000), tried_on: at(-80), next_try_on: null },
];
const forges = [
  { forge_uuid: uuid('forge'), provider: 'github', web_url: 'https://github.com', api_url: 'https://api.github.com', app_id: '4711', app_slug: 'kiln-acme', installation_url: 'https://github.com/apps/kiln-acme/installations/new', hook_url: 'https://kiln.example.com/webhooks/github', own_ca: false, created_on: at(-9e5) },
  { forge_uuid: uuid('gitea'), provider: 'gitea', web_url: 'https://git.example.com', api_url: 'https://git.example.com/api/v1', app_id: null, app_slug: null, installation_url: null, hook_url: 'https://kiln.example.com/webhooks/gitea', own_ca: true, created_on: at(-5e5) },
];
const reports = [{ kind: 'build', build_uuid: uuid('b'), pull_request: null, repo_connection_uuid: uuid('c'), api_url: 'https://git.example.com/api/v1', error: 'Gitea answered 503 to POST /repos/acme/shop/statuses', attempts: 3, next_try_on: at(60) }];

const page = (list) => ({ result: list, info: { page: 1, per_page: 50, count: list.length, total_count: list.length, total_pages: 1, next_page: false } });

export function answerAccount(method, path, body) {
  if (path === '/builds/sinks') return { result: method === 'POST' ? { ...sinks[0], name: body.name, kind: body.kind, outcomes: body.outcomes, production_only: body.production_only, sink_uuid: uuid(body.name), place: 'https://new.example.com', events: ['build.failed'], ...(body.kind === 'webhook' ? { secret: 'whsec_shown-once' } : {}) } : sinks };
  if (/^\/builds\/sinks\/[^/]+\/deliveries$/.test(path)) return page(deliveries);
  if (/^\/builds\/sinks\/[^/]+\/(test|deliveries)/.test(path)) return { result: deliveries[0] };
  if (/^\/builds\/sinks\//.test(path)) return { result: sinks[0] };
  if (path === '/builds/forges') return { result: forges };
  if (path === '/builds/forge_reports') return { result: reports };
  return null;
}

const session = { kind: 'session', id: uuid('session'), name: 'owner' };
const acts = [
  { who: session, address: '127.0.0.1', action: 'updateTrigger', target: uuid('tshop'), changes: [{ object: 'trigger', id: uuid('tshop'), change: 'changed', fields: { build_command: { before: null, after: '<b>npm run build</b> && echo ' + 'W'.repeat(200) }, paused: { before: 0, after: 1 } } }] },
  { who: { kind: 'build', id: uuid('b'), name: 'shop' }, address: '127.0.0.1', action: 'createDeployment', target: 'shop', changes: [{ object: 'deployment', id: uuid('d'), change: 'made', fields: { version: { before: null, after: uuid('v') } } }] },
  { who: { kind: 'administrator', id: '', name: 'administrator' }, address: 'unix', action: 'prune', target: '', changes: [{ object: 'build', change: 'removed', count: 12 }] },
  { who: { kind: 'token', id: uuid('laptop'), name: '\u202E<i>laptop</i>' }, address: '192.0.2.7', action: 'createBuildToken', target: '', changes: [{ object: 'build_token', id: uuid('token'), change: 'made', fields: { value: { before: null, after: '[hidden]' } } }] },
];
const entries = Array.from({ length: 70 }, (_, place) => ({ id: String(4711 - place), created_on: at(-300 * (place + 1)), account_id: '4e1f0c2b8a6d4f3e9b7c5a1d2e3f4a5b', request_id: place % 2 ? null : uuid(`r${place}`), ...acts[place % acts.length] }));

export function answerAudit(path, query) {
  if (!/^\/kiln\/v1\/accounts\/[0-9a-f]{32}\/audit$/.test(path)) return null;
  const found = entries.filter((one) => (!query.get('who') || [one.who.kind, one.who.name].includes(query.get('who'))) && (!query.get('target') || one.target.includes(query.get('target'))));
  const from = Number(query.get('cursor') ?? 0);
  const to = from + Number(query.get('per_page') ?? 50);
  return { result: { entries: found.slice(from, to), cursor: to < found.length ? String(to) : null } };
}

export function answerTokens(method, path, body) {
  if (!/^\/kiln\/v1\/accounts\/[0-9a-f]{32}\/tokens/.test(path)) return null;
  if (/\/rotate$/.test(path)) return { result: { id: uuid('laptop'), token: `kiln_rotated-${body.keep_old_seconds}`, old_secret_until: at(body.keep_old_seconds) } };
  if (method === 'POST') return { result: { id: uuid(body.name), token: 'kiln_shown-once' } };
  if (method === 'DELETE') return { result: null };
  return { result: [
    { id: uuid('laptop'), name: 'laptop', permissions: 'ci:read,ci:write', created_on: at(-9e6), expires_on: at(9e6), last_used_on: at(-300), revoked_on: null, old_secret_until: null },
    { id: uuid('old'), name: 'old', permissions: 'admin', created_on: at(-9e7), expires_on: null, last_used_on: null, revoked_on: at(-9e6), old_secret_until: null },
  ] };
}
