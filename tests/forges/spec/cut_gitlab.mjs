// Makes gitlab.json: answers as the types of @gitbeaker/core have them, requests as GitLab's documentation tells what may be sent.
//   npm install --prefix FOLDER --ignore-scripts typescript@5.9.3 @gitbeaker/core@43.8.0
//   node tests/forges/spec/cut_gitlab.mjs FOLDER
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lines, mayFail } from './cut.mjs';
import { Types, operation } from './types.mjs';

const P = '/projects/{id}';
const NOTES = `${P}/merge_requests/{iid}/notes`;
const string = (more = {}) => ({ type: 'string', ...more });
const boolean = { type: 'boolean' };
const only = (properties, required = []) => ({ type: 'object', properties, required, additionalProperties: false });

const events = Object.fromEntries(['push', 'tag_push', 'merge_requests', 'issues', 'confidential_issues', 'note', 'confidential_note', 'job', 'pipeline', 'wiki_page', 'deployment', 'releases', 'resource_access_token'].map((name) => [`${name}_events`, boolean]));
const hook = { url: string({ pattern: '^https?://' }), token: string(), signing_token: string(), enable_ssl_verification: boolean, name: string(), description: string(), push_events_branch_filter: string(), branch_filter_strategy: string(), custom_headers: { type: 'array', items: {} }, ...events };
const status = only({ state: string({ enum: ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] }), name: string({ maxLength: 255 }), context: string({ maxLength: 255 }), ref: string(), target_url: string({ maxLength: 255, pattern: '^https?://' }),
  description: string({ maxLength: 255 }), coverage: { type: 'number' }, pipeline_id: { type: 'integer' } }, ['state']);
const note = only({ body: string({ minLength: 1, maxLength: 1_000_000 }), internal: boolean, confidential: boolean, created_at: string(), merge_request_diff_head_sha: string() }, ['body']);
const key = only({ title: string(), key: string(), can_push: boolean, expires_at: string() }, ['title', 'key']);

const folder = process.argv[2];
const types = new Types(folder, join(folder, 'node_modules/@gitbeaker/core/dist/index.d.ts'));
const one = (name) => types.schema(types.named(name));
const many = (name) => ({ type: 'array', items: one(name) });

const TABLE = [
  ['GET /version', {}], ['GET /user', one('SimpleUserSchema')], ['GET /personal_access_tokens/self', one('PersonalAccessTokenSchema')], ['GET /projects', many('SimpleProjectSchema')], [`GET ${P}`, one('SimpleProjectSchema')], [`GET ${P}/repository/branches`, many('BranchSchema')],
  [`GET ${P}/repository/branches/{branch}`, one('BranchSchema')], [`GET ${P}/repository/commits/{sha}`, one('CommitSchema')], [`GET ${P}/repository/commits/{sha}/merge_requests`, many('CondensedMergeRequestSchema')],
  [`GET ${P}/repository/commits/{sha}/statuses`, many('CommitStatusSchema')], [`GET ${P}/merge_requests`, many('CondensedMergeRequestSchema')], [`GET ${P}/merge_requests/{iid}`, one('CondensedMergeRequestSchema')],
  [`GET ${P}/hooks`, many('ProjectHookSchema')], [`POST ${P}/hooks`, one('ProjectHookSchema'), only(hook, ['url'])], [`GET ${P}/hooks/{hook_id}`, one('ProjectHookSchema')], [`PUT ${P}/hooks/{hook_id}`, one('ProjectHookSchema'), only(hook, ['url'])], [`DELETE ${P}/hooks/{hook_id}`, null],
  [`POST ${P}/hooks/{hook_id}/test/{trigger}`, {}], [`GET ${P}/hooks/{hook_id}/events`, { type: 'array', items: { type: 'object', required: ['id', 'url', 'trigger', 'request_headers', 'request_data', 'response_headers', 'response_body', 'execution_duration', 'response_status'] } }],
  [`POST ${P}/hooks/{hook_id}/events/{event_id}/resend`, { type: 'object', required: ['response_status'] }], [`POST ${P}/statuses/{sha}`, one('CommitStatusSchema'), status], [`GET ${NOTES}`, many('MergeRequestNoteSchema')], [`POST ${NOTES}`, one('MergeRequestNoteSchema'), note],
  [`GET ${NOTES}/{note_id}`, one('MergeRequestNoteSchema')], [`PUT ${NOTES}/{note_id}`, one('MergeRequestNoteSchema'), note], [`DELETE ${NOTES}/{note_id}`, null], [`GET ${P}/deploy_keys`, many('DeployKeySchema')], [`POST ${P}/deploy_keys`, one('DeployKeySchema'), key],
  [`DELETE ${P}/deploy_keys/{key_id}`, null],
];

const paths = {};
for (const [line, answer, body] of TABLE) {
  const [method, path] = line.split(' ');
  (paths[path] ??= {})[method.toLowerCase()] = operation(path, { body, answers: { [answer === null ? 204 : method === 'POST' ? 201 : 200]: answer } });
}
// Where the types are not as GitLab answers: names in another case, a token that is told once, a state that is left out, what may be null.
const { ProjectHookSchema: hookShape, PersonalAccessTokenSchema: tokenShape, CommitStatusSchema: statusShape, MergeRequestNoteSchema: noteShape, DeployKeySchema: keyShape, SimpleUserSchema: userShape } = types.schemas;
hookShape.properties.project_id = hookShape.properties.projectId;
delete hookShape.properties.projectId;
statusShape.properties.status.enum.push('skipped');
const dropped = new Map([[hookShape, ['projectId']], [tokenShape, ['token']], [noteShape, ['attachment']], [keyShape, ['fingerprint', 'fingerprint_sha256']], [userShape, ['created_at']]]);
for (const [shape, names] of dropped) shape.required = shape.required.filter((name) => !names.includes(name));
for (const shape of Object.values(types.schemas)) {
  for (const [name, value] of Object.entries(shape.properties)) if (value.type && !shape.required.includes(name)) value.nullable = true;
}
for (const name of ['description', 'target_url', 'started_at', 'finished_at', 'disabled_until', 'last_used_at', 'expires_at', 'push_events_branch_filter']) for (const shape of Object.values(types.schemas)) if (shape.properties[name]) shape.properties[name].nullable = true;
const kept = { openapi: '3.0.3', info: { title: 'GitLab API, cut', version: '4', 'x-origin': 'answers by way of the types of the npm package @gitbeaker/core 43.8.0 (MIT License), requests after GitLab\'s documentation; made by cut_gitlab.mjs' }, paths, components: { schemas: types.schemas } };
mayFail(kept);
writeFileSync(new URL('gitlab.json', import.meta.url), lines(kept));
console.log(`${Object.keys(paths).length} paths, ${Object.keys(types.schemas).length} schemas`);
