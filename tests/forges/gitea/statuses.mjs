// Commit statuses.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

function shape(forge, one) {
  return { id: one.id, status: one.state, target_url: one.target_url, description: one.description, url: forge.api(`/repos/${one.repo.path}/statuses/${one.sha}`), context: one.name, creator: forge.shapes.user(one.by), created_at: one.created_at, updated_at: one.created_at };
}

function create(call) {
  const { body, forge, repo } = call;
  if (!forge.settings.states.includes(body.state)) refuse(422, `invalid commit status state: ${body.state}`);
  const commit = forge.world.commit(repo, call.params.sha) ?? refuse(404, `sha not found: ${call.params.sha}`);
  const one = forge.addStatus({ repo, sha: commit.sha, name: body.context ?? 'default', state: body.state, target_url: body.target_url ?? '', description: body.description ?? '', by: forge.world.person(call.caller.user), call: call.note.n });
  return reply(201, shape(forge, one));
}

function of(call) {
  const commit = call.forge.world.commit(call.repo, call.params.ref) ?? refuse(404, 'The target couldn\'t be found.');
  return { sha: commit.sha, all: call.forge.statuses.filter((one) => one.repo === call.repo && one.sha === commit.sha).reverse() };
}

function list(call) {
  const { items, headers } = paged(call, of(call).all);
  return reply(200, items.map((one) => shape(call.forge, one)), headers);
}

function combined(call) {
  const { sha, all } = of(call);
  const newest = [...new Map([...all].reverse().map((one) => [one.name, one])).values()];
  const worst = ['error', 'failure', 'warning', 'pending', 'success', 'skipped'].find((state) => newest.some((one) => one.state === state)) ?? '';
  const url = call.forge.api(`/repos/${call.repo.path}`);
  return reply(200, { state: worst, sha, total_count: newest.length, statuses: newest.map((one) => shape(call.forge, one)), repository: call.forge.shapes.repository(call.repo), commit_url: `${url}/commits/${sha}`, url: `${url}/commits/${sha}/status` });
}

export const routes = [
  ['POST', '/repos/{owner}/{repo}/statuses/{sha}', create, { scope: 'repository:write' }],
  ['GET', '/repos/{owner}/{repo}/statuses/{ref}', list],
  ['GET', '/repos/{owner}/{repo}/commits/{ref+}/statuses', list],
  ['GET', '/repos/{owner}/{repo}/commits/{ref+}/status', combined],
];
