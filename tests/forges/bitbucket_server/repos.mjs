// Routes that read: repositories, branches, commits, pull requests.
import { refuse, reply } from '../lib/answers.mjs';
import { pullOf } from './comments.mjs';
import { paged } from './pages.mjs';

const commitAt = (call, ref) => call.forge.world.commit(call.repo, ref) ?? refuse(404, `Commit '${ref}' does not exist in repository '${call.repo.name}'.`);

function branches(call) {
  const filter = call.query.get('filterText') ?? '';
  const all = [...call.forge.world.heads(call.repo)].filter(([name]) => name.includes(filter));
  return reply(200, paged(call, all.map(([name, sha]) => ({ id: `refs/heads/${name}`, displayId: name, type: 'BRANCH', latestCommit: sha, latestChangeset: sha, isDefault: name === call.repo.default_branch }))));
}

function pulls(call) {
  const state = call.query.get('state') ?? 'OPEN';
  const at = call.query.get('at');
  const outgoing = call.query.get('direction') === 'OUTGOING';
  const all = [...call.repo.pulls.values()].map((pull) => call.forge.shapes.pull(pull)).filter((pull) => (state === 'ALL' || pull.state === state) && (!at || (outgoing ? pull.fromRef : pull.toRef).id === at));
  return reply(200, paged(call, all));
}

function ofCommit(call) {
  commitAt(call, call.params.commit);
  return reply(200, paged(call, call.forge.world.pullsOf(call.repo, call.params.commit).map((pull) => call.forge.shapes.pull(pull))));
}

const mine = (call) => [...call.forge.world.repos.values()].filter((repo) => (!call.caller.repos || call.caller.repos.includes(repo.path)) && (!call.params.key || repo.owner.login === call.params.key));
const repo = '/api/latest/projects/{key}/repos/{slug}';
export const routes = [
  ['GET', '/api/latest/application-properties', () => reply(200, { version: '9.4.0', buildNumber: '9004000', buildDate: '1731500000000', displayName: 'Bitbucket' })],
  ['GET', '/api/latest/repos', (call) => reply(200, paged(call, mine(call).map((one) => call.forge.shapes.repository(one))))],
  ['GET', '/api/latest/projects/{key}/repos', (call) => reply(200, paged(call, mine(call).map((one) => call.forge.shapes.repository(one))))],
  ['GET', repo, (call) => reply(200, call.forge.shapes.repository(call.repo))],
  ['GET', `${repo}/default-branch`, (call) => reply(200, { id: `refs/heads/${call.repo.default_branch}`, displayId: call.repo.default_branch, type: 'BRANCH' })],
  ['GET', `${repo}/branches`, branches],
  ['GET', `${repo}/commits/{commit}`, (call) => reply(200, call.forge.shapes.commit(commitAt(call, call.params.commit)))],
  ['GET', `${repo}/commits/{commit}/pull-requests`, ofCommit],
  ['GET', `${repo}/pull-requests`, pulls],
  ['GET', `${repo}/pull-requests/{number}`, (call) => reply(200, call.forge.shapes.pull(pullOf(call)))],
];
