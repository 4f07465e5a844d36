// Hooks of a project: for maintainers. The token is never told again.
import { randomUUID } from 'node:crypto';
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

const EVENTS = ['push_events', 'tag_push_events', 'merge_requests_events', 'issues_events', 'confidential_issues_events', 'note_events', 'confidential_note_events', 'job_events', 'pipeline_events', 'wiki_page_events', 'deployment_events', 'releases_events',
  'repository_update_events', 'resource_access_token_events'];
const TAKEN = ['url', 'token', 'signing_token', 'enable_ssl_verification', 'push_events_branch_filter', 'name', 'description', ...EVENTS];
const write = { level: 40, write: true };
const LOCAL = /^(localhost|127\.|\[::1\]|10\.|192\.168\.)/;

const alert = (call, hook) => (hook.failures >= 40 ? 'disabled' : hook.disabled_until && hook.disabled_until > call.forge.clock.now() ? 'temporarily_disabled' : 'executable');

function shape(call, hook) {
  const until = hook.disabled_until && Number.isFinite(hook.disabled_until) ? call.forge.clock.iso(hook.disabled_until) : null;
  return { id: hook.id, name: hook.name ?? null, description: hook.description ?? null, url: hook.url, created_at: hook.created_at, ...Object.fromEntries(EVENTS.map((name) => [name, hook[name] ?? false])), alert_status: alert(call, hook), disabled_until: until,
    url_variables: [], push_events_branch_filter: hook.push_events_branch_filter ?? null, branch_filter_strategy: 'wildcard', custom_webhook_template: '', custom_headers: [], enable_ssl_verification: hook.enable_ssl_verification,
    project_id: call.repo.id };
}

function take(call, hook) {
  const { body, forge } = call;
  if (body.url !== undefined) {
    let host;
    try {
      const url = new URL(body.url);
      if (!/^https?:$/.test(url.protocol)) throw new Error();
      host = url.hostname;
    } catch {
      refuse(422, '', { body: { error: 'Invalid url given' } });
    }
    if (!forge.settings.local_hooks && LOCAL.test(host)) refuse(422, '', { body: { error: 'Invalid url given' } });
  }
  for (const name of EVENTS) if (body[name] !== undefined && !['true', 'false', true, false].includes(body[name])) refuse(400, '', { body: { error: `${name} is invalid` } });
  for (const name of TAKEN) if (body[name] !== undefined) hook[name] = body[name] === 'true' ? true : body[name] === 'false' ? false : body[name];
}

function create(call) {
  if (!call.body.url) refuse(400, '', { body: { error: 'url is missing' } });
  const hook = { uuid: randomUUID(), token: null, push_events: true, enable_ssl_verification: true, failures: 0, disabled_until: null };
  take(call, hook);
  return reply(201, shape(call, call.forge.addHook(call.repo, hook)));
}

const one = (call) => call.repo.hooks.get(Number(call.params.hook_id)) ?? refuse(404, '404 Not found');

function update(call) {
  const hook = one(call);
  take(call, hook);
  return reply(200, shape(call, hook));
}

function list(call) {
  const { items, headers } = paged(call, [...call.repo.hooks.values()]);
  return reply(200, items.map((hook) => shape(call, hook)), headers);
}

// Its own word for a push, to see whether the hook works.
async function test(call) {
  const hook = one(call);
  const events = { push_events: ['push', { after: [...call.forge.world.heads(call.repo).values()][0] ?? '1'.repeat(40) }] }[call.params.trigger] ?? refuse(400, '', { body: { error: 'trigger does not have a valid value' } });
  const sent = await call.forge.sendHook(hook, call.forge.events.make(events[0], { repo: call.repo.path, ...events[1] }));
  return sent.ok ? reply(201, { message: '201 Created' }) : refuse(422, '', { body: { message: `Hook executed but returned HTTP ${sent.answer.status}` } });
}

const eventsOf = (call) => call.forge.deliveries.list.filter((each) => each.hook.id === one(call).id);

function events(call) {
  const { items, headers } = paged(call, eventsOf(call).reverse());
  return reply(200, items.map((each) => ({ id: each.id, url: each.url, trigger: each.event.toLowerCase().replace(' hook', '').replaceAll(' ', '_') + '_hooks', request_headers: each.request.headers, request_data: each.request.payload,
    response_headers: each.answer.headers, response_body: each.answer.body, execution_duration: each.answer.duration, response_status: each.answer.status ? String(each.answer.status) : 'internal error' })), headers);
}

async function resend(call) {
  const kept = eventsOf(call).find((each) => each.id === Number(call.params.event_id)) ?? refuse(404, '404 Not found');
  const again = await call.forge.deliveries.again(kept);
  return reply(201, { response_status: again.answer.status || 'internal error' });
}

export const routes = [
  ['GET', '/projects/{id}/hooks', list, { level: 40 }],
  ['POST', '/projects/{id}/hooks', create, write],
  ['GET', '/projects/{id}/hooks/{hook_id}', (call) => reply(200, shape(call, one(call))), { level: 40 }],
  ['PUT', '/projects/{id}/hooks/{hook_id}', update, write],
  ['DELETE', '/projects/{id}/hooks/{hook_id}', (call) => { call.repo.hooks.delete(one(call).id); return reply(204); }, write],
  ['POST', '/projects/{id}/hooks/{hook_id}/test/{trigger}', test, write],
  ['GET', '/projects/{id}/hooks/{hook_id}/events', events, { level: 40 }],
  ['POST', '/projects/{id}/hooks/{hook_id}/events/{event_id}/resend', resend, write],
];
