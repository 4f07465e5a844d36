// Hooks of a repository: for its administrators.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';
import { millis } from './shapes.mjs';

const EVENTS = ['repo:refs_changed', 'repo:modified', 'repo:forked', 'repo:comment:added', 'repo:comment:edited', 'repo:comment:deleted', 'repo:secret_detected', 'mirror:repo_synchronized',
  ...['opened', 'from_ref_updated', 'modified', 'reviewer:updated', 'reviewer:approved', 'reviewer:unapproved', 'reviewer:needs_work', 'reviewer:changes_requested', 'merged', 'declined', 'deleted', 'comment:added', 'comment:edited', 'comment:deleted'].map((name) => `pr:${name}`)];
const admin = { need: 'REPO_ADMIN' };

function shape(hook) {
  return { id: hook.id, name: hook.name, createdDate: millis(hook.created_at), updatedDate: millis(hook.updated_at), events: hook.events, configuration: hook.secret ? { secret: hook.secret } : {}, url: hook.url, active: hook.active, scopeType: 'repository', sslVerificationRequired: hook.ssl ?? true };
}

function take(call, hook) {
  const { body } = call;
  const bad = (context, words) => refuse(400, words, { context });
  if (!body.name) bad('name', 'The name of the webhook is required.');
  if (!/^https?:\/\/[^/]/.test(body.url ?? '')) bad('url', 'The URL of the webhook is not valid.');
  if (!body.events?.length) bad('events', 'At least one event is required.');
  const strange = body.events.filter((name) => !EVENTS.includes(name));
  if (strange.length) bad('events', `The event ${strange.join(', ')} is unknown.`);
  return Object.assign(hook, { name: body.name, url: body.url, events: body.events, active: body.active ?? true, secret: body.configuration ? body.configuration.secret ?? null : hook.secret ?? null, ssl: body.sslVerificationRequired ?? true, updated_at: call.forge.clock.iso() });
}

const one = (call) => call.repo.hooks.get(Number(call.params.id)) ?? refuse(404, `The webhook ${call.params.id} does not exist.`);

async function test(call) {
  const hook = call.query.get('webhookId') ? call.repo.hooks.get(Number(call.query.get('webhookId'))) : { id: 0, url: call.query.get('url'), secret: null };
  const sent = await call.forge.sendHook(hook ?? refuse(404, 'No such webhook'), call.forge.events.make('ping', { repo: call.repo.path }));
  return reply(200, { request: { url: sent.url, body: sent.request.body, method: 'POST' }, response: { body: sent.answer.body, statusCode: sent.answer.status, headers: sent.answer.headers } });
}

const base = '/api/latest/projects/{key}/repos/{slug}/webhooks';
export const routes = [
  ['GET', base, (call) => reply(200, paged(call, [...call.repo.hooks.values()].map(shape))), admin],
  ['POST', `${base}/test`, test, admin],
  ['POST', base, (call) => { const about = take(call, {}); return reply(201, shape(call.forge.addHook(call.repo, about))); }, admin],
  ['GET', `${base}/{id}`, (call) => reply(200, shape(one(call))), admin],
  ['PUT', `${base}/{id}`, (call) => reply(200, shape(take(call, one(call)))), admin],
  ['DELETE', `${base}/{id}`, (call) => { call.repo.hooks.delete(one(call).id); return reply(204); }, admin],
];
