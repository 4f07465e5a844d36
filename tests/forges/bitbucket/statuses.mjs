// Build statuses: one of each key and commit, told again to change it.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

const STATES = ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'];

function shape(call, one) {
  const { forge } = call;
  const commit = forge.api(`/repositories/${one.repo.path}/commit/${one.sha}`);
  return { key: one.key, type: 'build', state: one.state, name: one.name, refname: one.refname ?? null, commit: { type: 'commit', hash: one.sha, links: { self: { href: commit }, html: { href: forge.link(`/${one.repo.path}/commits/${one.sha}`) } } }, url: one.target_url,
    repository: forge.shapes.briefRepository(one.repo), description: one.description, created_on: one.created_at.replace('Z', '.000000+00:00'), updated_on: one.updated_at.replace('Z', '.000000+00:00'), uuid: null,
    links: { self: { href: `${commit}/statuses/build/${encodeURIComponent(one.key)}` }, commit: { href: commit } } };
}

const commitOf = (call) => call.forge.world.commit(call.repo, call.params.commit) ?? refuse(404, `Commit not found: ${call.params.commit}`);

function judge(body, { creating }) {
  const bad = (field, words) => refuse(400, 'Bad request', { fields: { [field]: [words] } });
  if (creating) for (const name of ['key', 'state', 'url']) if (!body[name]) bad(name, 'required key not provided');
  if (body.state !== undefined && !STATES.includes(body.state)) bad('state', `${body.state} is not one of ${STATES.join(', ')}`);
  if (body.url !== undefined && !/^https?:\/\/[^/]/.test(body.url)) bad('url', 'Enter a valid URL.');
  if ((body.key?.length ?? 0) > 40) bad('key', 'length must be at most 40');
  for (const name of ['name', 'description']) if ((body[name]?.length ?? 0) > 255) bad(name, 'length must be at most 255');
}

function keep(call, found, body, status) {
  const { forge, repo } = call;
  const one = found ?? forge.addStatus({ repo, sha: commitOf(call).sha, key: body.key, name: body.key, description: '', by: forge.world.person(call.caller.user), history: [] });
  Object.assign(one, { state: body.state ?? one.state, target_url: body.url ?? one.target_url, name: body.name ?? one.name, description: body.description ?? one.description, refname: body.refname ?? one.refname, updated_at: forge.clock.iso() });
  one.history.push({ state: one.state, time: one.updated_at, at_ms: Date.now(), call: call.note.n, description: one.description });
  return reply(status, shape(call, one));
}

const known = (call, key) => call.forge.statuses.find((one) => one.repo === call.repo && one.sha === commitOf(call).sha && one.key === key);

function create(call) {
  judge(call.body, { creating: true });
  return keep(call, known(call, call.body.key), call.body, 201);
}

const one = (call) => known(call, call.params.key) ?? refuse(404, 'Build status not found');

function update(call) {
  judge(call.body, { creating: false });
  return keep(call, one(call), call.body, 200);
}

const of = (call) => call.forge.statuses.filter((each) => each.repo === call.repo && each.sha === commitOf(call).sha).map((each) => shape(call, each));

export const routes = [
  ['POST', '/repositories/{workspace}/{repo_slug}/commit/{commit}/statuses/build', create, { scope: 'repository' }],
  ['GET', '/repositories/{workspace}/{repo_slug}/commit/{commit}/statuses/build/{key}', (call) => reply(200, shape(call, one(call)))],
  ['PUT', '/repositories/{workspace}/{repo_slug}/commit/{commit}/statuses/build/{key}', update],
  ['GET', '/repositories/{workspace}/{repo_slug}/commit/{commit}/statuses', (call) => reply(200, paged(call, of(call)))],
];
