// Routes that read: the token's owner, repositories, branches, commits, pull requests.
import { refuse, reply } from '../lib/answers.mjs';
import { pullOf } from './comments.mjs';
import { paged } from './pages.mjs';

const pulls = { scope: 'pullrequest' };
const commitAt = (call, ref) => call.forge.world.commit(call.repo, ref) ?? refuse(404, `Commit not found: ${ref}`);

function branch(call, name = call.params.name) {
  const sha = call.forge.world.heads(call.repo).get(name) ?? refuse(404, `Branch ${name} not found`);
  return call.forge.shapes.ref(call.repo, 'branch', name, commitAt(call, sha));
}

function listed(call) {
  const states = call.query.getAll('state');
  const wanted = states.length ? states : ['OPEN'];
  return [...call.repo.pulls.values()].map((pull) => call.forge.shapes.pull(pull)).filter((pull) => wanted.includes(pull.state));
}

function ofCommit(call) {
  commitAt(call, call.params.commit);
  return call.forge.world.pullsOf(call.repo, call.params.commit).map((pull) => call.forge.shapes.pull(pull));
}

const repo = '/repositories/{workspace}/{repo_slug}';
export const routes = [
  ['GET', '/user', (call) => reply(200, call.forge.shapes.person(call.forge.world.person(call.caller.user))), { scope: 'account' }],
  ['GET', '/repositories/{workspace}', (call) => reply(200, paged(call, [...call.forge.world.repos.values()].filter((one) => one.owner.login === call.params.workspace && (!call.caller.repos || call.caller.repos.includes(one.path))).map((one) => call.forge.shapes.repository(one))))],
  ['GET', repo, (call) => reply(200, call.forge.shapes.repository(call.repo))],
  ['GET', `${repo}/refs/branches`, (call) => reply(200, paged(call, [...call.forge.world.heads(call.repo).keys()].map((name) => branch(call, name))))],
  ['GET', `${repo}/refs/branches/{name+}`, (call) => reply(200, branch(call))],
  ['GET', `${repo}/commit/{commit}`, (call) => reply(200, { ...call.forge.shapes.commit(call.repo, commitAt(call, call.params.commit)), repository: call.forge.shapes.briefRepository(call.repo), participants: [] })],
  ['GET', `${repo}/commit/{commit}/pullrequests`, (call) => reply(200, paged(call, ofCommit(call))), pulls],
  ['GET', `${repo}/pullrequests`, (call) => reply(200, paged(call, listed(call))), pulls],
  ['GET', `${repo}/pullrequests/{pull_request_id}`, (call) => reply(200, call.forge.shapes.pull(pullOf(call))), pulls],
];
