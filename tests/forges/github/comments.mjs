// Comments on pull requests (and issues: one numbering).
import { refuse, reply } from '../lib/answers.mjs';
import { page } from '../lib/pages.mjs';

const MOST = 65536;
const write = { need: { pull_requests: 'write', issues: 'write' } };
const read = { need: { pull_requests: 'read', issues: 'read' } };

function text(call) {
  const { body } = call.body;
  if (typeof body !== 'string' || !body.trim()) refuse(422, 'Validation Failed', { errors: [{ resource: 'IssueComment', code: 'missing_field', field: 'body' }] });
  if ([...body].length > MOST) refuse(422, 'Validation Failed', { errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: `Body is too long (maximum is ${MOST} characters)` }] });
  return body;
}

function shape(forge, one) {
  const app = one.app_id ? forge.appOf(one.app_id) : null;
  const url = forge.shapes.api(`/repos/${one.repo.path}/issues/comments/${one.id}`);
  const author = app ? { ...forge.shapes.user(one.by), type: 'Bot', html_url: forge.shapes.link(`/apps/${app.slug}`) } : forge.shapes.user(one.by);
  return { id: one.id, node_id: forge.shapes.node('IssueComment', one.id), url, html_url: forge.shapes.link(`/${one.repo.path}/pull/${one.number}#issuecomment-${one.id}`),
    issue_url: forge.shapes.api(`/repos/${one.repo.path}/issues/${one.number}`), user: author, body: one.body, created_at: one.created_at, updated_at: one.updated_at,
    author_association: app ? 'NONE' : 'MEMBER', performed_via_github_app: app ? forge.shapes.app(app) : null };
}

export function addComment(forge, repo, number, body, by, app_id = null) {
  const one = { id: forge.world.next('comment', 60001), repo, number, body, by, app_id, created_at: forge.clock.iso(), updated_at: forge.clock.iso(), deleted: false, history: [] };
  one.history.push({ what: 'create', time: one.created_at, at_ms: Date.now(), body });
  forge.comments.set(one.id, one);
  return one;
}

const pullOf = (call) => (call.repo.pulls.has(Number(call.params.issue_number)) ? Number(call.params.issue_number) : refuse(404, 'Not Found'));

function create(call) {
  const { forge, caller, repo } = call;
  const number = pullOf(call);
  const bot = caller.kind === 'installation' ? forge.world.person(`${forge.appOf(caller.app_id).slug}[bot]`, 'Bot') : forge.world.person(caller.user);
  return reply(201, shape(forge, addComment(forge, repo, number, text(call), bot, caller.app_id ?? null)));
}

function list(call) {
  const number = pullOf(call);
  const all = [...call.forge.comments.values()].filter((one) => one.repo === call.repo && one.number === number && !one.deleted);
  const { items, headers } = page(call, call.forge.fake, all);
  return reply(200, items.map((one) => shape(call.forge, one)), headers);
}

function found(call) {
  const one = call.forge.comments.get(Number(call.params.comment_id));
  return one && one.repo === call.repo && !one.deleted ? one : refuse(404, 'Not Found');
}

function mine(call) {
  const one = found(call);
  if ((one.app_id ?? null) !== (call.caller.app_id ?? null)) refuse(403, 'Resource not accessible by integration');
  return one;
}

function update(call) {
  const one = mine(call);
  one.body = text(call);
  one.updated_at = call.forge.clock.iso();
  one.history.push({ what: 'update', time: one.updated_at, at_ms: Date.now(), body: one.body });
  return reply(200, shape(call.forge, one));
}

function remove(call) {
  mine(call).deleted = true;
  return reply(204);
}

export const routes = [
  ['GET', '/repos/{owner}/{repo}/issues/{issue_number}/comments', list, read],
  ['POST', '/repos/{owner}/{repo}/issues/{issue_number}/comments', create, write],
  ['GET', '/repos/{owner}/{repo}/issues/comments/{comment_id}', (call) => reply(200, shape(call.forge, found(call))), read],
  ['PATCH', '/repos/{owner}/{repo}/issues/comments/{comment_id}', update, write],
  ['DELETE', '/repos/{owner}/{repo}/issues/comments/{comment_id}', remove, write],
];
