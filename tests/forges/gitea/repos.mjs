// Routes that read: the token's owner, repositories, branches, commits, pull requests; and deploy keys.
import { refuse, reply } from '../lib/answers.mjs';
import * as git from '../lib/git.mjs';
import { paged } from './pages.mjs';

const gone = () => refuse(404, 'The target couldn\'t be found.');
const commitAt = (call, ref) => call.forge.world.commit(call.repo, ref) ?? gone();

function branches(call) {
  const { items, headers } = paged(call, [...call.forge.world.heads(call.repo)]);
  return reply(200, items.map(([name, sha]) => call.forge.shapes.branch(call.repo, name, commitAt(call, sha))), headers);
}

function branch(call) {
  const sha = call.forge.world.heads(call.repo).get(call.params.branch) ?? gone();
  return reply(200, call.forge.shapes.branch(call.repo, call.params.branch, commitAt(call, sha)));
}

function pulls(call) {
  const state = call.query.get('state') ?? 'open';
  const { items, headers } = paged(call, [...call.repo.pulls.values()].filter((pull) => state === 'all' || pull.state === state).reverse());
  return reply(200, items.map((pull) => call.forge.shapes.pull(pull)), headers);
}

function mine(call) {
  const { items, headers } = paged(call, [...call.forge.world.repos.values()].filter((repo) => !call.caller.repos || call.caller.repos.includes(repo.path)));
  return reply(200, items.map((repo) => call.forge.shapes.repository(repo)), headers);
}

function raw(call) {
  const folder = call.repo.git_dir ?? gone();
  const sha = git.resolve(folder, call.query.get('ref') ?? call.repo.default_branch) ?? gone();
  try {
    return { status: 200, body: git.git(folder, 'cat-file', 'blob', `${sha}:${call.params.path}`), headers: { 'content-type': 'text/plain; charset=utf-8' } };
  } catch {
    return gone();
  }
}

function addKey(call) {
  const { body, repo, forge } = call;
  for (const name of ['title', 'key']) if (!body[name]) refuse(422, `[${name}]: Required`);
  const id = forge.world.next('key', 801);
  const key = { id, key_id: id, key: body.key, url: forge.api(`/repos/${repo.path}/keys/${id}`), title: body.title, fingerprint: 'SHA256:none', created_at: forge.clock.iso(), read_only: body.read_only ?? false };
  (repo.keys ??= []).push(key);
  return reply(201, key);
}

const write = { scope: 'repository:write' };
export const routes = [
  ['GET', '/version', (call) => reply(200, { version: call.forge.name === 'forgejo' ? '13.0.2+gitea-1.22.0' : '1.24.6' })],
  ['GET', '/user', (call) => reply(200, call.forge.shapes.user(call.forge.world.person(call.caller.user))), { scope: 'user:read' }],
  ['GET', '/user/repos', mine, { scope: 'user:read' }],
  ['GET', '/repos/{owner}/{repo}', (call) => reply(200, call.forge.shapes.repository(call.repo))],
  ['GET', '/repos/{owner}/{repo}/branches', branches],
  ['GET', '/repos/{owner}/{repo}/branches/{branch+}', branch],
  ['GET', '/repos/{owner}/{repo}/git/commits/{sha}', (call) => reply(200, call.forge.shapes.commit(call.repo, commitAt(call, call.params.sha)))],
  ['GET', '/repos/{owner}/{repo}/commits/{sha}/pull', (call) => reply(200, call.forge.shapes.pull(call.forge.world.pullsOf(call.repo, call.params.sha)[0] ?? gone()))],
  ['GET', '/repos/{owner}/{repo}/pulls', pulls],
  ['GET', '/repos/{owner}/{repo}/pulls/{index}', (call) => reply(200, call.forge.shapes.pull(call.repo.pulls.get(Number(call.params.index)) ?? gone()))],
  ['GET', '/repos/{owner}/{repo}/raw/{path+}', raw],
  ['GET', '/repos/{owner}/{repo}/keys', (call) => reply(200, call.repo.keys ?? []), write],
  ['POST', '/repos/{owner}/{repo}/keys', addKey, write],
  ['DELETE', '/repos/{owner}/{repo}/keys/{id}', (call) => { call.repo.keys = (call.repo.keys ?? []).filter((key) => key.id !== Number(call.params.id)); return reply(204); }, write],
];
