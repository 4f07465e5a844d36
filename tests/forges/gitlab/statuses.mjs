// Commit statuses. One that runs or waits is moved on; one that has ended is followed by a new one of the same name.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

const STATES = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'];
const EVENT = { pending: 'enqueue', running: 'run', success: 'success', failed: 'drop', canceled: 'cancel', skipped: 'skip' };
const LONGEST = 255;

function shape(forge, one) {
  const ended = !['pending', 'running'].includes(one.state);
  return { id: one.id, sha: one.sha, ref: one.ref, status: one.state, name: one.name, target_url: one.target_url, description: one.description, created_at: one.created_at, started_at: one.state === 'pending' ? null : one.created_at,
    finished_at: ended ? one.created_at : null, allow_failure: false, coverage: null, pipeline_id: one.pipeline_id, author: forge.shapes.user(one.by) };
}

function create(call) {
  const { forge, repo, body } = call;
  if (!body.state) refuse(400, '', { body: { error: 'state is missing' } });
  if (!STATES.includes(body.state)) refuse(400, '', { body: { error: 'state does not have a valid value' } });
  const long = ['target_url', 'description'].filter((key) => [...(body[key] ?? '')].length > LONGEST);
  if (body.target_url && !/^https?:\/\//.test(body.target_url)) refuse(400, '', { body: { message: { target_url: ['is blocked: Only allowed schemes are http, https'] } } });
  if (long.length) refuse(400, '', { body: { message: Object.fromEntries(long.map((key) => [key, [`is too long (maximum is ${LONGEST} characters)`]])) } });
  const commit = forge.world.commit(repo, call.params.sha) ?? refuse(404, '404 Commit Not Found');
  const ref = body.ref ?? [...forge.world.heads(repo)].find(([, sha]) => sha === commit.sha)?.[0] ?? refuse(404, '404 References for commit Not Found');
  const name = body.name ?? body.context ?? 'default';
  const open = forge.statuses.find((one) => one.repo === repo && one.sha === commit.sha && one.name === name && one.ref === ref && ['pending', 'running'].includes(one.state));
  const told = { target_url: body.target_url ?? null, description: body.description ?? null };
  if (open) {
    if (body.state === open.state || body.state === 'pending') {
      const event = EVENT[body.state];
      refuse(400, '', { body: { message: `Cannot transition status via :${event} from :${open.state} (Reason(s): Status cannot transition via "${event}")` } });
    }
    open.history.push({ state: body.state, ...told, time: forge.clock.iso(), at_ms: Date.now(), call: call.note.n });
    Object.assign(open, { state: body.state, target_url: told.target_url ?? open.target_url, description: told.description ?? open.description });
    return reply(201, shape(forge, open));
  }
  const one = forge.addStatus({ repo, sha: commit.sha, ref, name, state: body.state, ...told, by: forge.world.person(call.caller.user), pipeline_id: body.pipeline_id ?? 9001,
    history: [{ state: body.state, ...told, time: forge.clock.iso(), at_ms: Date.now(), call: call.note.n }] });
  return reply(201, shape(forge, one));
}

function list(call) {
  const { forge, repo, query } = call;
  const commit = forge.world.commit(repo, call.params.sha) ?? refuse(404, '404 Commit Not Found');
  let all = forge.statuses.filter((one) => one.repo === repo && one.sha === commit.sha && (!query.get('name') || one.name === query.get('name')) && (!query.get('ref') || one.ref === query.get('ref')));
  if (query.get('all') !== 'true') all = [...new Map(all.map((one) => [`${one.ref} ${one.name}`, one])).values()];
  const { items, headers } = paged(call, all);
  return reply(200, items.map((one) => shape(forge, one)), headers);
}

export const routes = [
  ['POST', '/projects/{id}/statuses/{sha}', create, { level: 30, write: true }],
  ['GET', '/projects/{id}/repository/commits/{sha}/statuses', list],
];
