// Comments on pull requests. Who edits one says which version; there is no list but that of what happened (activities).
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';
import { millis } from './shapes.mjs';

const LONGEST = 32768;
export const pullOf = (call) => call.repo.pulls.get(Number(call.params.number)) ?? refuse(404, `Pull request ${call.params.number} does not exist in ${call.repo.path}.`);

function shape(call, one) {
  return { properties: { repositoryId: one.repo.id }, id: one.id, version: one.version, text: one.body, author: call.forge.shapes.person(one.by), createdDate: millis(one.created_at), updatedDate: millis(one.updated_at), comments: [], tasks: [], severity: 'NORMAL', state: 'OPEN',
    permittedOperations: { editable: true, deletable: true, transitionable: true } };
}

function text(call) {
  const words = call.body.text;
  if (typeof words !== 'string' || !words.trim()) refuse(400, 'The comment text may not be empty.', { context: 'text' });
  if (words.length > LONGEST) refuse(400, `The comment may not be longer than ${LONGEST} characters.`, { context: 'text' });
  return words;
}

function one(call) {
  const found = call.forge.comments.get(Number(call.params.comment));
  return found && found.repo === call.repo && found.number === pullOf(call).number && !found.deleted ? found : refuse(404, `Comment ${call.params.comment} does not exist.`);
}

function ofVersion(call, version) {
  const found = one(call);
  if (found.by.login !== call.caller.user) refuse(403, 'You are not permitted to edit this comment.');
  if (Number(version) !== found.version) refuse(409, `The comment has been updated since: its version is ${found.version}.`);
  return found;
}

function activities(call) {
  const pull = pullOf(call);
  const opened = { id: 1, createdDate: millis(pull.created_at), user: call.forge.shapes.person(pull.by), action: 'OPENED' };
  const said = call.forge.commentsOf(call.repo, pull.number).map((each) => ({ id: each.id + 10_000, createdDate: millis(each.created_at), user: call.forge.shapes.person(each.by), action: 'COMMENTED', commentAction: 'ADDED', comment: shape(call, each) }));
  return reply(200, paged(call, [...said.reverse(), opened]));
}

const pull = '/api/latest/projects/{key}/repos/{slug}/pull-requests/{number}';
export const routes = [
  ['GET', `${pull}/activities`, activities],
  ['POST', `${pull}/comments`, (call) => reply(201, shape(call, call.forge.addComment(call.repo, pullOf(call).number, text(call), call.forge.world.person(call.caller.user))))],
  ['GET', `${pull}/comments/{comment}`, (call) => reply(200, shape(call, one(call)))],
  ['PUT', `${pull}/comments/{comment}`, (call) => { const found = ofVersion(call, call.body.version); return reply(200, shape(call, call.forge.editComment(found, text(call)))); }],
  ['DELETE', `${pull}/comments/{comment}`, (call) => { ofVersion(call, call.query.get('version')).deleted = true; return reply(204); }],
];
