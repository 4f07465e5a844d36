// Hooks: the App's one, those of repositories made by a person's token, what was delivered, and delivering it again.
import { createHmac, randomUUID } from 'node:crypto';
import { refuse, reply } from '../lib/answers.mjs';
import { wrongWith } from './judge.mjs';

const app = { auth: 'app' };
const admin = { need: { repository_hooks: 'write' } };

// Judges, signs and sends one webhook. `hook`: {id, type, target, url, secret, content_type}. `about` may say: guid, secret (a wrong one),
// signature (verbatim; null for none), headers, body (verbatim), content_type, url, lost (kept as failed, never sent), unchecked.
export function sendHook(forge, hook, { event, payload }, about = {}) {
  const wrong = about.unchecked ? null : wrongWith(event, payload);
  if (wrong) throw new Error(`${event} is not as GitHub's schema says: ${wrong}`);
  const json = about.body ?? JSON.stringify(payload);
  const form = (about.content_type ?? hook.content_type) === 'form';
  const body = form ? new URLSearchParams({ payload: json }).toString() : json;
  const sign = (algorithm, secret) => createHmac(algorithm, secret).update(body).digest('hex');
  const secret = about.secret ?? hook.secret;
  const { enterprise } = forge.settings;
  const guid = about.guid ?? randomUUID();
  const headers = {
    accept: '*/*', 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json', 'user-agent': 'GitHub-Hookshot/7a1c2b3', 'x-github-delivery': guid, 'x-github-event': event,
    'x-github-hook-id': String(hook.id), 'x-github-hook-installation-target-id': String(hook.target), 'x-github-hook-installation-target-type': hook.type,
    ...(secret ? { 'x-hub-signature': `sha1=${sign('sha1', secret)}`, 'x-hub-signature-256': `sha256=${sign('sha256', secret)}` } : {}),
    ...(enterprise ? { 'x-github-enterprise-host': enterprise.host, 'x-github-enterprise-version': enterprise.version } : {}), ...about.headers,
  };
  if (about.signature !== undefined) about.signature === null ? delete headers['x-hub-signature-256'] : (headers['x-hub-signature-256'] = about.signature);
  return forge.deliveries.send({ guid, event, action: payload.action ?? null, hook, installation_id: payload.installation?.id ?? null, repository_id: payload.repository?.id ?? null,
    request: { headers, payload, body }, url: about.url ?? hook.url }, about.lost);
}

const statusOf = ({ ok, answer }) => (ok ? 'OK' : answer.status ? `Invalid HTTP Response: ${answer.status}` : answer.error === 'timed out' ? 'timed out' : 'failed to connect to host');

export const appHook = (one) => ({ id: one.hook_id, type: 'integration', target: one.id, ...one.hook });

function item(one) {
  return { id: one.id, guid: one.guid, delivered_at: one.delivered_at, redelivery: Boolean(one.redelivery), duration: one.answer.duration, status: statusOf(one), status_code: one.answer.status, event: one.event, action: one.action,
    installation_id: one.installation_id, repository_id: one.repository_id, throttled_at: null };
}

function full(one) {
  return { ...item(one), url: one.url ?? '', request: { headers: one.request.headers, payload: one.request.payload }, response: { headers: one.answer.headers, payload: one.answer.body } };
}

// Newest first; a page is found by the id after which it begins.
function listOf(call, mine) {
  const perPage = Math.max(1, Math.min(100, Number(call.query.get('per_page') ?? 30)));
  const after = call.query.get('cursor');
  const wanted = { success: (one) => one.ok, failure: (one) => !one.ok }[call.query.get('status')] ?? (() => true);
  const all = mine.filter(wanted).reverse().filter((one) => !after || one.id < Number(after.replace('v1_', '')));
  const items = all.slice(0, perPage);
  const headers = {};
  if (all.length > perPage) {
    const query = new URLSearchParams(call.query);
    query.set('per_page', perPage);
    query.set('cursor', `v1_${items.at(-1).id}`);
    headers.link = `<${call.forge.fake.link(call.path)}?${query}>; rel="next"`;
  }
  return reply(200, items.map(item), headers);
}

const ofHook = (call, id) => call.forge.deliveries.list.filter((one) => one.hook.id === id);
const oneOf = (call, id) => ofHook(call, id).find((one) => one.id === Number(call.params.delivery_id)) ?? refuse(404, 'Not Found');

function attempt(call, id) {
  call.forge.deliveries.again(oneOf(call, id)); // GitHub answers before it sends
  return reply(202, {});
}

const config = ({ url, content_type, insecure_ssl, secret }) => ({ ...(url ? { url } : {}), content_type, insecure_ssl, ...(secret ? { secret: '********' } : {}) });

function setConfig(call) {
  const { hook } = call.caller.app;
  for (const key of ['url', 'secret', 'content_type', 'insecure_ssl']) if (call.body[key] !== undefined) hook[key] = String(call.body[key]);
  return reply(200, config(hook));
}

// --- hooks of one repository ---
function shape(call, hook) {
  const url = call.forge.shapes.api(`/repos/${call.repo.path}/hooks/${hook.id}`);
  return { type: 'Repository', id: hook.id, name: 'web', active: hook.active, events: hook.events, config: config(hook), updated_at: hook.updated_at, created_at: hook.created_at, url, test_url: `${url}/test`, ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`, last_response: { code: null, status: 'unused', message: null } };
}

const repoHook = (call) => call.repo.hooks.get(Number(call.params.hook_id)) ?? refuse(404, 'Not Found');

function take(call, hook) {
  const { config: wanted = {}, events, active, add_events = [], remove_events = [] } = call.body;
  if (wanted.url !== undefined && !/^https?:\/\//.test(wanted.url)) refuse(422, 'Validation Failed', { errors: [{ resource: 'Hook', code: 'custom', field: 'url', message: 'url is invalid' }] });
  Object.assign(hook, Object.fromEntries(['url', 'secret', 'content_type', 'insecure_ssl'].filter((key) => wanted[key] !== undefined).map((key) => [key, String(wanted[key])])));
  hook.events = [...new Set([...(events ?? hook.events), ...add_events])].filter((name) => !remove_events.includes(name));
  hook.active = active ?? hook.active;
  hook.updated_at = call.forge.clock.iso();
}

async function createHook(call) {
  const { forge, repo, body } = call;
  if (!body.config?.url) refuse(422, 'Validation Failed', { errors: [{ resource: 'Hook', code: 'missing_field', field: 'config.url' }] });
  if ([...repo.hooks.values()].some((one) => one.url === body.config.url)) refuse(422, 'Validation Failed', { errors: [{ resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' }] });
  const hook = { id: forge.world.next('hook', 90001), type: 'repository', target: repo.id, url: null, secret: null, content_type: 'form', insecure_ssl: '0', events: ['push'], active: true, created_at: forge.clock.iso() };
  take(call, hook);
  repo.hooks.set(hook.id, hook);
  return reply(201, shape(call, hook));
}

export const routes = [
  ['GET', '/app/hook/config', (call) => reply(200, config(call.caller.app.hook)), app],
  ['PATCH', '/app/hook/config', setConfig, app],
  ['GET', '/app/hook/deliveries', (call) => listOf(call, ofHook(call, call.caller.app.hook_id)), app],
  ['GET', '/app/hook/deliveries/{delivery_id}', (call) => reply(200, full(oneOf(call, call.caller.app.hook_id))), app],
  ['POST', '/app/hook/deliveries/{delivery_id}/attempts', (call) => attempt(call, call.caller.app.hook_id), app],
  ['GET', '/repos/{owner}/{repo}/hooks', (call) => reply(200, [...call.repo.hooks.values()].map((hook) => shape(call, hook))), admin],
  ['POST', '/repos/{owner}/{repo}/hooks', createHook, admin],
  ['GET', '/repos/{owner}/{repo}/hooks/{hook_id}', (call) => reply(200, shape(call, repoHook(call))), admin],
  ['PATCH', '/repos/{owner}/{repo}/hooks/{hook_id}', (call) => { take(call, repoHook(call)); return reply(200, shape(call, repoHook(call))); }, admin],
  ['DELETE', '/repos/{owner}/{repo}/hooks/{hook_id}', (call) => { call.repo.hooks.delete(repoHook(call).id); return reply(204); }, admin],
  ['GET', '/repos/{owner}/{repo}/hooks/{hook_id}/deliveries', (call) => listOf(call, ofHook(call, repoHook(call).id)), admin],
  ['POST', '/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts', (call) => attempt(call, repoHook(call).id), admin],
];
