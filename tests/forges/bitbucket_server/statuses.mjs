// Build statuses: one of each key and commit, told again to change it; by the repository's route, or by the older one that knows a commit alone.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';
import { millis } from './shapes.mjs';

const STATES = ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'CANCELLED', 'UNKNOWN'];
const OLD_STATES = ['SUCCESSFUL', 'FAILED', 'INPROGRESS'];
const LONGEST = { key: 255, name: 255, description: 255, url: 450, parent: 1024, ref: 1024 };

function shape(one) {
  return { key: one.key, state: one.state, name: one.name, url: one.target_url, description: one.description, parent: one.parent ?? one.key, ref: one.ref ?? null, createdDate: millis(one.created_at), updatedDate: millis(one.updated_at) };
}

function keep(call, repo, sha, states) {
  const { body, forge } = call;
  for (const name of ['key', 'state', 'url']) if (!body[name]) refuse(400, `${name} is required`, { context: name });
  if (!states.includes(body.state)) refuse(400, `state must be one of ${states.join(', ')}`, { context: 'state' });
  for (const [name, most] of Object.entries(LONGEST)) if ((body[name]?.length ?? 0) > most) refuse(400, `${name} is longer than ${most} characters`, { context: name });
  if (!/^https?:\/\//.test(body.url)) refuse(400, 'url is no URL', { context: 'url' });
  const one = forge.statuses.find((each) => each.sha === sha && each.key === body.key) ?? forge.addStatus({ repo, sha, key: body.key, by: forge.world.person(call.caller.user), history: [] });
  Object.assign(one, { state: body.state, name: body.name ?? body.key, target_url: body.url, description: body.description ?? null, parent: body.parent, ref: body.ref, updated_at: forge.clock.iso() });
  one.history.push({ state: one.state, time: one.updated_at, at_ms: Date.now(), call: call.note.n, description: one.description });
  return reply(204);
}

const commitOf = (call) => call.forge.world.commit(call.repo, call.params.commit) ?? refuse(404, `Commit '${call.params.commit}' does not exist in repository '${call.repo.name}'.`);

function create(call) { return keep(call, call.repo, commitOf(call).sha, STATES); }

function read(call) {
  const key = call.query.get('key') ?? refuse(400, 'key is required', { context: 'key' });
  const one = call.forge.statuses.find((each) => each.repo === call.repo && each.sha === commitOf(call).sha && each.key === key) ?? refuse(404, 'No such build status');
  return reply(200, shape(one));
}

function createOld(call) {
  const repo = [...call.forge.world.repos.values()].find((one) => call.forge.world.commit(one, call.params.commit)) ?? null;
  return keep(call, repo ?? [...call.forge.world.repos.values()][0] ?? refuse(404, 'There is no repository'), call.params.commit, OLD_STATES);
}

const builds = '/api/latest/projects/{key}/repos/{slug}/commits/{commit}/builds';
export const routes = [
  ['POST', builds, create, { need: 'REPO_READ' }],
  ['GET', builds, read],
  ['DELETE', builds, (call) => { const key = call.query.get('key'); call.forge.statuses = call.forge.statuses.filter((one) => one.key !== key || one.sha !== call.params.commit); return reply(204); }],
  ['POST', '/build-status/latest/commits/{commit}', createOld],
  ['GET', '/build-status/latest/commits/{commit}', (call) => reply(200, paged(call, call.forge.statuses.filter((one) => one.sha === call.params.commit).map(shape)))],
];
