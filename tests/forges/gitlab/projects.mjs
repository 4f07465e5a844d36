// Routes that read: the token's owner, projects, branches, commits, merge requests; and deploy keys.
import { refuse, reply } from '../lib/answers.mjs';
import * as git from '../lib/git.mjs';
import { paged } from './pages.mjs';

const commitAt = (call, ref) => call.forge.world.commit(call.repo, ref) ?? refuse(404, '404 Commit Not Found');

function self(call) {
  const { caller, forge } = call;
  return reply(200, { id: 1, name: caller.name, revoked: false, created_at: forge.clock.iso(0), description: '', scopes: caller.scopes, user_id: forge.world.person(caller.user).id, last_used_at: forge.clock.iso(), active: true,
    expires_at: caller.expires_ms ? forge.clock.iso(caller.expires_ms).slice(0, 10) : null });
}

function projects(call) {
  const search = call.query.get('search')?.toLowerCase();
  const mine = [...call.forge.world.repos.values()].filter((repo) => (!call.caller.repos || call.caller.repos.includes(repo.path)) && (!search || repo.path.toLowerCase().includes(search)));
  const { items, headers } = paged(call, mine);
  return reply(200, items.map((repo) => call.forge.shapes.project(repo)), headers);
}

function branchShape(call, [name, sha]) {
  const { forge, repo } = call;
  return { name, commit: forge.shapes.commit(repo, commitAt(call, sha)), merged: false, protected: name === repo.default_branch, developers_can_push: false, developers_can_merge: false, can_push: true, default: name === repo.default_branch,
    web_url: forge.link(`/${repo.path}/-/tree/${name}`) };
}

function branches(call) {
  const { items, headers } = paged(call, [...call.forge.world.heads(call.repo)]);
  return reply(200, items.map((one) => branchShape(call, one)), headers);
}

function branch(call) {
  const sha = call.forge.world.heads(call.repo).get(call.params.branch) ?? refuse(404, '404 Branch Not Found');
  return reply(200, branchShape(call, [call.params.branch, sha]));
}

function mergeRequestsOf(call) {
  const { forge, repo } = call;
  commitAt(call, call.params.sha);
  const state = call.query.get('state');
  const found = forge.world.pullsOf(repo, call.params.sha).filter((pull) => !state || forge.shapes.mergeRequest(pull).state === state);
  return reply(200, found.map((pull) => forge.shapes.mergeRequest(pull)));
}

function mergeRequests(call) {
  const { forge, query } = call;
  const wanted = [...call.repo.pulls.values()].map((pull) => forge.shapes.mergeRequest(pull)).filter((one) => (!query.get('state') || query.get('state') === 'all' || one.state === query.get('state')) &&
    (!query.get('source_branch') || one.source_branch === query.get('source_branch')));
  const { items, headers } = paged(call, wanted.reverse());
  return reply(200, items, headers);
}

export const mergeRequestOf = (call) => call.repo.pulls.get(Number(call.params.iid)) ?? refuse(404, '404 Not found');

function raw(call) {
  const folder = call.repo.git_dir ?? refuse(404, '404 File Not Found');
  const sha = git.resolve(folder, call.query.get('ref') ?? call.repo.default_branch) ?? refuse(404, '404 Commit Not Found');
  try {
    return { status: 200, body: git.git(folder, 'cat-file', 'blob', `${sha}:${call.params.path}`), headers: { 'content-type': 'text/plain; charset=utf-8' } };
  } catch {
    return refuse(404, '404 File Not Found');
  }
}

function addKey(call) {
  const { body, repo, forge } = call;
  for (const name of ['title', 'key']) if (!body[name]) refuse(400, '', { body: { error: `${name} is missing` } });
  const key = { id: forge.world.next('key', 801), title: body.title, key: body.key, can_push: body.can_push ?? false, created_at: forge.clock.iso(), expires_at: null };
  (repo.keys ??= []).push(key);
  return reply(201, key);
}

const maintainer = { level: 40, write: true };
export const routes = [
  ['GET', '/version', () => reply(200, { version: '18.5.0', revision: 'abcdef01234' })],
  ['GET', '/user', (call) => reply(200, call.forge.shapes.user(call.forge.world.person(call.caller.user)))],
  ['GET', '/personal_access_tokens/self', self],
  ['GET', '/projects', projects],
  ['GET', '/projects/{id}', (call) => reply(200, call.forge.shapes.project(call.repo))],
  ['GET', '/projects/{id}/repository/branches', branches],
  ['GET', '/projects/{id}/repository/branches/{branch}', branch],
  ['GET', '/projects/{id}/repository/commits/{sha}', (call) => reply(200, call.forge.shapes.commit(call.repo, commitAt(call, call.params.sha)))],
  ['GET', '/projects/{id}/repository/commits/{sha}/merge_requests', mergeRequestsOf],
  ['GET', '/projects/{id}/repository/files/{path}/raw', raw],
  ['GET', '/projects/{id}/merge_requests', mergeRequests],
  ['GET', '/projects/{id}/merge_requests/{iid}', (call) => reply(200, call.forge.shapes.mergeRequest(mergeRequestOf(call)))],
  ['GET', '/projects/{id}/deploy_keys', (call) => reply(200, call.repo.keys ?? []), { level: 40 }],
  ['POST', '/projects/{id}/deploy_keys', addKey, maintainer],
  ['DELETE', '/projects/{id}/deploy_keys/{key_id}', (call) => { call.repo.keys = (call.repo.keys ?? []).filter((key) => key.id !== Number(call.params.key_id)); return reply(204); }, maintainer],
];
