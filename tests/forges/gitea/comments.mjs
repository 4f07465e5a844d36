// Comments on pull requests. The list has no pages: all come at once.
import { refuse, reply } from '../lib/answers.mjs';

const write = { scope: 'issue:write' };
const read = { scope: 'issue:read' };
const gone = () => refuse(404, 'The target couldn\'t be found.');

function text(call) {
  const { body } = call.body;
  return typeof body === 'string' && body ? body : refuse(422, '[Body]: Required');
}

function shape(forge, one) {
  const page = forge.link(`/${one.repo.path}/pulls/${one.number}`);
  return { id: one.id, html_url: `${page}#issuecomment-${one.id}`, pull_request_url: page, issue_url: '', user: forge.shapes.user(one.by), original_author: '', original_author_id: 0, body: one.body, assets: [], created_at: one.created_at, updated_at: one.updated_at };
}

const pullNumber = (call) => (call.repo.pulls.has(Number(call.params.index)) ? Number(call.params.index) : gone());

function one(call) {
  const found = call.forge.comments.get(Number(call.params.id));
  return found && found.repo === call.repo && !found.deleted ? found : gone();
}

function mine(call) {
  const found = one(call);
  return found.by.login === call.caller.user ? found : refuse(403, 'user should have permission to edit the comment');
}

export const routes = [
  ['GET', '/repos/{owner}/{repo}/issues/{index}/comments', (call) => { const all = call.forge.commentsOf(call.repo, pullNumber(call)); return reply(200, all.map((each) => shape(call.forge, each)), { 'x-total-count': String(all.length) }); }, read],
  ['POST', '/repos/{owner}/{repo}/issues/{index}/comments', (call) => { const number = pullNumber(call); return reply(201, shape(call.forge, call.forge.addComment(call.repo, number, text(call), call.forge.world.person(call.caller.user)))); }, write],
  ['GET', '/repos/{owner}/{repo}/issues/comments/{id}', (call) => reply(200, shape(call.forge, one(call))), read],
  ['PATCH', '/repos/{owner}/{repo}/issues/comments/{id}', (call) => reply(200, shape(call.forge, call.forge.editComment(mine(call), text(call)))), write],
  ['DELETE', '/repos/{owner}/{repo}/issues/comments/{id}', (call) => { mine(call).deleted = true; return reply(204); }, write],
];
