// Check runs. Every call on a run is kept in its history; a run that was completed and is set back without a Re-run is marked there.
import { refuse, reply } from '../lib/answers.mjs';
import { page } from '../lib/pages.mjs';

const CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'];
const write = { need: { checks: 'write' }, apps_only: true };
const read = { need: { checks: 'read' } };

const invalid = (field, message, code = 'invalid') => refuse(422, 'Validation Failed', { errors: [{ resource: 'CheckRun', field, code, message }] });

function judge(body, { creating }) {
  if (creating) for (const field of ['name', 'head_sha']) if (typeof body[field] !== 'string' || !body[field]) invalid(field, `${field} is missing`, 'missing_field');
  if (body.status !== undefined && !['queued', 'in_progress', 'completed'].includes(body.status)) invalid('status', 'is no status that an App may set');
  if (body.conclusion !== undefined && !CONCLUSIONS.includes(body.conclusion)) invalid('conclusion', 'is no conclusion that an App may set');
  if (body.status === 'completed' && !body.conclusion) invalid('conclusion', 'is needed with status completed', 'missing_field');
  if (body.completed_at && !body.conclusion) invalid('conclusion', 'is needed with completed_at', 'missing_field');
  for (const field of ['started_at', 'completed_at']) if (body[field] !== undefined && Number.isNaN(Date.parse(body[field]))) invalid(field, 'is no time');
  const { output, actions } = body;
  if (output) {
    if (creating && typeof output.title !== 'string') invalid('output.title', 'is missing', 'missing_field');
    if (typeof output.summary !== 'string') invalid('output.summary', 'is missing', 'missing_field');
    for (const field of ['summary', 'text']) if ([...(output[field] ?? '')].length > 65535) invalid(`output.${field}`, 'is longer than 65535 characters', 'too_long');
    if ((output.annotations?.length ?? 0) > 50) invalid('output.annotations', 'are more than 50');
    for (const one of output.annotations ?? []) if (!one.path || !one.start_line || !one.end_line || !one.annotation_level || !one.message) invalid('output.annotations', 'lack a field');
  }
  if (actions) {
    if (actions.length > 3) invalid('actions', 'are more than 3');
    for (const one of actions) if (one.label?.length > 20 || one.description?.length > 40 || one.identifier?.length > 20) invalid('actions', 'have words that are too long');
  }
}

function apply(run, body, forge) {
  for (const field of ['name', 'external_id', 'details_url', 'actions']) if (body[field] !== undefined) run[field] = body[field];
  if (body.output) {
    const { annotations = [], ...words } = body.output;
    run.output = { ...run.output, ...words };
    run.annotations.push(...annotations);
  }
  if (body.status) run.status = body.status;
  if (body.started_at) run.started_at = body.started_at;
  if (body.conclusion) Object.assign(run, { status: 'completed', conclusion: body.conclusion, completed_at: body.completed_at ?? forge.clock.iso() });
  else if (body.status && body.status !== 'completed') Object.assign(run, { conclusion: null, completed_at: null });
  run.started_at ??= run.status === 'queued' ? null : forge.clock.iso();
  const suite = run.suite;
  suite.updated_at = forge.clock.iso();
  const runs = [...forge.runs.values()].filter((one) => one.suite === suite);
  suite.status = runs.every((one) => one.status === 'completed') ? 'completed' : runs.some((one) => one.status !== 'queued') ? 'in_progress' : 'queued';
  const order = ['failure', 'timed_out', 'cancelled', 'action_required', 'success', 'neutral'];
  suite.conclusion = suite.status === 'completed' ? order.find((word) => runs.some((one) => one.conclusion === word)) ?? 'neutral' : null;
}

function note(run, call, what, went_back = false) {
  run.history.push({ what, time: call.forge.clock.iso(), at_ms: Date.now(), call: call.note.n, body: call.body, status: run.status, conclusion: run.conclusion, went_back });
}

function addRun(forge, repo, head_sha, app_id, body) {
  const run = { id: forge.world.next('run', 40001), repo, name: body.name, head_sha, external_id: null, details_url: null, status: 'queued', conclusion: null, started_at: null, completed_at: null,
    output: null, annotations: [], actions: [], app_id, suite: forge.suiteOf(repo, head_sha, app_id), history: [], rerequested: 0 };
  forge.runs.set(run.id, run);
  apply(run, body, forge);
  return run;
}

// A run that has ended, made without a call.
export function seedRun(forge, repo, head_sha, name, external_id) {
  return addRun(forge, repo, head_sha, forge.app.id, { name, external_id, conclusion: 'failure', output: { title: 'Failed', summary: 'It failed.' } });
}

function create(call) {
  const { forge, repo, body, caller } = call;
  judge(body, { creating: true });
  const commit = forge.world.commit(repo, body.head_sha) ?? refuse(422, `No commit found for SHA: ${body.head_sha}`);
  const run = addRun(forge, repo, commit.sha, caller.app_id, body);
  note(run, call, 'create');
  return reply(201, forge.shapes.checkRun(run, forge.appOf(run.app_id)));
}

function runOf(call) {
  const run = call.forge.runs.get(Number(call.params.check_run_id));
  return run && run.repo === call.repo ? run : refuse(404, 'Not Found');
}

function update(call) {
  const run = runOf(call);
  if (run.app_id !== call.caller.app_id) refuse(403, 'Invalid app_id `' + call.caller.app_id + '` - check run can only be modified by the GitHub App that created it.');
  judge(call.body, { creating: false });
  const went_back = run.status === 'completed' && call.body.status !== undefined && call.body.status !== 'completed' && !call.body.conclusion && !run.rerequested;
  if (run.status === 'completed' && run.rerequested) run.rerequested -= 1;
  apply(run, call.body, call.forge);
  note(run, call, 'update', went_back);
  return reply(200, call.forge.shapes.checkRun(run, call.forge.appOf(run.app_id)));
}

function ofRef(call) {
  const { forge, repo, query } = call;
  const commit = forge.world.commit(repo, call.params.ref) ?? refuse(422, `No commit found for SHA: ${call.params.ref}`);
  let runs = [...forge.runs.values()].filter((run) => run.repo === repo && run.head_sha === commit.sha);
  for (const [name, of] of [['check_name', (run) => run.name], ['status', (run) => run.status], ['app_id', (run) => String(run.app_id)]]) {
    if (query.get(name)) runs = runs.filter((run) => of(run) === query.get(name));
  }
  if ((query.get('filter') ?? 'latest') === 'latest') runs = [...new Map(runs.map((run) => [`${run.app_id} ${run.name}`, run])).values()];
  runs.reverse();
  const { items, headers } = page(call, forge.fake, runs);
  return reply(200, { total_count: runs.length, check_runs: items.map((run) => forge.shapes.checkRun(run, forge.appOf(run.app_id))) }, headers);
}

export const routes = [
  ['POST', '/repos/{owner}/{repo}/check-runs', create, write],
  ['GET', '/repos/{owner}/{repo}/check-runs/{check_run_id}', (call) => { const run = runOf(call); return reply(200, call.forge.shapes.checkRun(run, call.forge.appOf(run.app_id))); }, read],
  ['PATCH', '/repos/{owner}/{repo}/check-runs/{check_run_id}', update, write],
  ['GET', '/repos/{owner}/{repo}/commits/{ref+}/check-runs', ofRef, read],
];
