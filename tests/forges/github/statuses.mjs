// Commit statuses, for those who have no App.
import { refuse, reply } from '../lib/answers.mjs';
import { page } from '../lib/pages.mjs';

const STATES = ['error', 'failure', 'pending', 'success'];
const read = { need: { statuses: 'read' } };

function shape(forge, one) {
  return { url: forge.shapes.api(`/repos/${one.repo.path}/statuses/${one.sha}`), avatar_url: forge.shapes.link(`/avatars/u/${one.by.id}`), id: one.id, node_id: forge.shapes.node('StatusContext', one.id), state: one.state,
    description: one.description, target_url: one.target_url, context: one.context, created_at: one.created_at, updated_at: one.created_at };
}

function create(call) {
  const { forge, repo, body, caller } = call;
  const invalid = (field, message) => refuse(422, 'Validation Failed', { errors: [{ resource: 'Status', code: 'custom', field, message }] });
  if (!STATES.includes(body.state)) invalid('state', 'state is not included in the list');
  if ([...(body.description ?? '')].length > 140) invalid('description', 'description is too long (maximum is 140 characters)');
  if (body.target_url && !/^https?:\/\//.test(body.target_url)) invalid('target_url', 'target_url must use http(s) scheme');
  const commit = forge.world.commit(repo, call.params.sha) ?? refuse(422, `No commit found for SHA: ${call.params.sha}`);
  const context = body.context ?? 'default';
  const same = forge.statuses.filter((one) => one.repo === repo && one.sha === commit.sha && one.context === context);
  if (same.length >= 1000) invalid('context', 'This SHA and context has reached the maximum number of statuses.');
  const by = caller.kind === 'installation' ? forge.world.person(`${forge.appOf(caller.app_id).slug}[bot]`, 'Bot') : forge.world.person(caller.user);
  const one = { id: forge.world.next('status', 70001), repo, sha: commit.sha, state: body.state, context, target_url: body.target_url ?? null, description: body.description ?? null, by, created_at: forge.clock.iso(),
    at_ms: Date.now(), call: call.note.n };
  forge.statuses.push(one);
  return reply(201, { ...shape(forge, one), creator: forge.shapes.user(by) });
}

function of(call) {
  const commit = call.forge.world.commit(call.repo, call.params.ref) ?? refuse(404, 'Not Found');
  return { sha: commit.sha, all: call.forge.statuses.filter((one) => one.repo === call.repo && one.sha === commit.sha).reverse() };
}

function list(call) {
  const { items, headers } = page(call, call.forge.fake, of(call).all);
  return reply(200, items.map((one) => ({ ...shape(call.forge, one), creator: call.forge.shapes.user(one.by) })), headers);
}

function combined(call) {
  const { forge, repo } = call;
  const { sha, all } = of(call);
  const newest = [...new Map([...all].reverse().map((one) => [one.context, one])).values()];
  const state = newest.some((one) => one.state === 'failure' || one.state === 'error') ? 'failure' : newest.length && newest.every((one) => one.state === 'success') ? 'success' : 'pending';
  const url = forge.shapes.api(`/repos/${repo.path}/commits/${sha}`);
  return reply(200, { state, statuses: newest.map((one) => shape(forge, one)), sha, total_count: newest.length, repository: forge.shapes.repository(repo), commit_url: url, url: `${url}/status` });
}

export const routes = [
  ['POST', '/repos/{owner}/{repo}/statuses/{sha}', create, { need: { statuses: 'write' } }],
  ['GET', '/repos/{owner}/{repo}/commits/{ref+}/statuses', list, read],
  ['GET', '/repos/{owner}/{repo}/commits/{ref+}/status', combined, read],
];
