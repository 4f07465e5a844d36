// Comments on pull requests.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

const LONGEST = 32768;
const write = { scope: 'pullrequest' };
const micro = (iso) => iso.replace('Z', '.000000+00:00');

export const pullOf = (call) => call.repo.pulls.get(Number(call.params.pull_request_id)) ?? refuse(404, `Pull request ${call.params.pull_request_id} not found`);

function text(call) {
  const raw = call.body.content?.raw;
  if (typeof raw !== 'string' || !raw) refuse(400, 'Bad request', { fields: { content: ['required key not provided'] } });
  if (raw.length > LONGEST) refuse(400, 'Bad request', { fields: { content: [`length must be at most ${LONGEST}`] } });
  return raw;
}

function shape(call, one) {
  const { forge } = call;
  const pull = pullOf(call);
  const self = forge.api(`/repositories/${pull.repo.path}/pullrequests/${pull.number}`);
  return { id: one.id, created_on: micro(one.created_at), updated_on: micro(one.updated_at), content: { type: 'rendered', raw: one.body, markup: 'markdown', html: '' }, user: forge.shapes.person(one.by), deleted: one.deleted, pending: false, type: 'pullrequest_comment',
    links: { self: { href: `${self}/comments/${one.id}` }, html: { href: `${forge.link(`/${pull.repo.path}/pull-requests/${pull.number}`)}/_/diff#comment-${one.id}` } },
    pullrequest: { type: 'pullrequest', id: pull.number, title: pull.title, draft: pull.draft, links: { self: { href: self } } } };
}

function one(call) {
  const found = call.forge.comments.get(Number(call.params.comment_id));
  return found && found.repo === call.repo && found.number === pullOf(call).number && !found.deleted ? found : refuse(404, 'Comment not found');
}

function mine(call) {
  const found = one(call);
  return found.by.login === call.caller.user ? found : refuse(403, 'You may not edit this comment');
}

const base = '/repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/comments';
export const routes = [
  ['GET', base, (call) => reply(200, paged(call, call.forge.commentsOf(call.repo, pullOf(call).number).map((each) => shape(call, each)))), write],
  ['POST', base, (call) => reply(201, shape(call, call.forge.addComment(call.repo, pullOf(call).number, text(call), call.forge.world.person(call.caller.user)))), write],
  ['GET', `${base}/{comment_id}`, (call) => reply(200, shape(call, one(call))), write],
  ['PUT', `${base}/{comment_id}`, (call) => reply(200, shape(call, call.forge.editComment(mine(call), text(call)))), write],
  ['DELETE', `${base}/{comment_id}`, (call) => { mine(call).deleted = true; return reply(204); }, write],
];
