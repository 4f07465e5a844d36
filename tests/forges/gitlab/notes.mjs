// Notes on merge requests.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';
import { mergeRequestOf } from './projects.mjs';

const LONGEST = 1_000_000;
const write = { write: true };

function text(call) {
  const { body } = call.body;
  if (typeof body !== 'string' || !body) refuse(400, '', { body: { error: 'body is missing' } });
  if (body.length > LONGEST) refuse(400, '', { body: { message: { note: [`is too long (maximum is ${LONGEST} characters)`] } } });
  return body;
}

function shape(call, one) {
  const pull = mergeRequestOf(call);
  return { id: one.id, type: null, body: one.body, author: call.forge.shapes.user(one.by), created_at: one.created_at, updated_at: one.updated_at, system: false, noteable_id: pull.id, noteable_type: 'MergeRequest', project_id: pull.repo.id, resolvable: false,
    confidential: false, internal: false, imported: false, imported_from: 'none', noteable_iid: pull.number, commands_changes: {} };
}

function one(call) {
  const found = call.forge.comments.get(Number(call.params.note_id));
  return found && found.repo === call.repo && found.number === mergeRequestOf(call).number && !found.deleted ? found : refuse(404, '404 Note Not Found');
}

function mine(call) {
  const found = one(call);
  return found.by.login === call.caller.user ? found : refuse(403, '403 Forbidden');
}

function list(call) {
  const all = call.forge.commentsOf(call.repo, mergeRequestOf(call).number);
  if (call.query.get('sort') !== 'asc') all.reverse();
  const { items, headers } = paged(call, all);
  return reply(200, items.map((each) => shape(call, each)), headers);
}

export const routes = [
  ['GET', '/projects/{id}/merge_requests/{iid}/notes', list],
  ['POST', '/projects/{id}/merge_requests/{iid}/notes', (call) => reply(201, shape(call, call.forge.addComment(call.repo, mergeRequestOf(call).number, text(call), call.forge.world.person(call.caller.user)))), write],
  ['GET', '/projects/{id}/merge_requests/{iid}/notes/{note_id}', (call) => reply(200, shape(call, one(call)))],
  ['PUT', '/projects/{id}/merge_requests/{iid}/notes/{note_id}', (call) => reply(200, shape(call, call.forge.editComment(mine(call), text(call)))), write],
  ['DELETE', '/projects/{id}/merge_requests/{iid}/notes/{note_id}', (call) => { mine(call).deleted = true; return reply(204); }, write],
];
