// Hooks of a repository. The secret is never told again.
import { randomUUID } from 'node:crypto';
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

const EVENTS = ['repo:push', 'repo:fork', 'repo:updated', 'repo:transfer', 'repo:deleted', 'repo:commit_comment_created', 'repo:commit_status_created', 'repo:commit_status_updated', 'issue:created', 'issue:updated', 'issue:comment_created',
  ...['created', 'updated', 'approved', 'unapproved', 'fulfilled', 'rejected', 'comment_created', 'comment_updated', 'comment_deleted', 'changes_request_created', 'changes_request_removed', 'push'].map((name) => `pullrequest:${name}`)];
const scope = { scope: 'webhook' };

function shape(call, hook) {
  return { read_only: null, uuid: hook.uuid, description: hook.description, url: hook.url, subject_type: 'repository', subject: call.forge.shapes.briefRepository(call.repo), active: hook.active, type: 'webhook_subscription', created_at: hook.created_at,
    events: hook.events, source: null, history_enabled: false, secret_set: Boolean(hook.secret), links: { self: { href: call.forge.api(`/repositories/${call.repo.path}/hooks/${encodeURIComponent(hook.uuid)}`) } } };
}

function judge(body, { creating }) {
  const bad = (field, words) => refuse(400, `Bad request`, { fields: { [field]: [words] } });
  if (creating || body.url !== undefined) if (!/^https?:\/\/[^/]/.test(body.url ?? '')) bad('url', 'Enter a valid URL.');
  if (creating && !body.description) bad('description', 'This field is required.');
  if (creating || body.events !== undefined) {
    if (!body.events?.length) bad('events', 'Select at least one event.');
    const strange = body.events.filter((name) => !EVENTS.includes(name));
    if (strange.length) bad('events', `${strange.join(', ')} is not a valid event.`);
  }
}

const one = (call) => [...call.repo.hooks.values()].find((hook) => hook.uuid === call.params.uid || hook.uuid === `{${call.params.uid}}`) ?? refuse(404, 'Webhook not found');

function create(call) {
  const { body, forge, repo } = call;
  judge(body, { creating: true });
  return reply(201, shape(call, forge.addHook(repo, { uuid: `{${randomUUID()}}`, url: body.url, description: body.description, events: body.events, active: body.active ?? true, secret: body.secret ?? null })));
}

function update(call) {
  const hook = one(call);
  judge(call.body, { creating: false });
  for (const name of ['url', 'description', 'events', 'active', 'secret']) if (call.body[name] !== undefined) hook[name] = call.body[name];
  return reply(200, shape(call, hook));
}

export const routes = [
  ['GET', '/repositories/{workspace}/{repo_slug}/hooks', (call) => reply(200, paged(call, [...call.repo.hooks.values()].map((hook) => shape(call, hook)))), scope],
  ['POST', '/repositories/{workspace}/{repo_slug}/hooks', create, scope],
  ['GET', '/repositories/{workspace}/{repo_slug}/hooks/{uid}', (call) => reply(200, shape(call, one(call))), scope],
  ['PUT', '/repositories/{workspace}/{repo_slug}/hooks/{uid}', update, scope],
  ['DELETE', '/repositories/{workspace}/{repo_slug}/hooks/{uid}', (call) => { call.repo.hooks.delete(one(call).id); return reply(204); }, scope],
];
