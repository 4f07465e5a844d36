// Makes github.json out of GitHub's published contract, as the package @octokit/openapi has it (385 MB, so it is not among the tests' packages):
//   npm install --prefix FOLDER --ignore-scripts @octokit/openapi@23.0.2
//   node tests/forges/spec/cut_github.mjs FOLDER/node_modules/@octokit/openapi/generated/api.github.com.json
import { readFileSync, writeFileSync } from 'node:fs';
import { closed, cut, lines, mayFail } from './cut.mjs';

const REPO = '/repos/{owner}/{repo}';
const WANTED = [
  'GET /app', 'GET /app/installations', 'GET /app/installations/{installation_id}', 'POST /app/installations/{installation_id}/access_tokens', 'POST /app-manifests/{code}/conversions',
  'GET /app/hook/config', 'PATCH /app/hook/config', 'GET /app/hook/deliveries', 'GET /app/hook/deliveries/{delivery_id}', 'POST /app/hook/deliveries/{delivery_id}/attempts',
  'GET /installation/repositories', 'DELETE /installation/token', 'GET /orgs/{org}/installation', 'GET /users/{username}/installation', 'GET /user', 'GET /user/repos',
  `GET ${REPO}`, `GET ${REPO}/installation`, `GET ${REPO}/branches`, `GET ${REPO}/branches/{branch}`, `GET ${REPO}/git/ref/{ref}`, `GET ${REPO}/git/trees/{tree_sha}`, `GET ${REPO}/contents/{path}`, `GET ${REPO}/compare/{basehead}`,
  `GET ${REPO}/commits/{ref}`, `GET ${REPO}/commits/{commit_sha}/pulls`, `GET ${REPO}/pulls`, `POST ${REPO}/pulls`, `GET ${REPO}/pulls/{pull_number}`,
  `POST ${REPO}/check-runs`, `GET ${REPO}/check-runs/{check_run_id}`, `PATCH ${REPO}/check-runs/{check_run_id}`, `GET ${REPO}/commits/{ref}/check-runs`,
  `GET ${REPO}/issues/{issue_number}/comments`, `POST ${REPO}/issues/{issue_number}/comments`, `GET ${REPO}/issues/comments/{comment_id}`, `PATCH ${REPO}/issues/comments/{comment_id}`, `DELETE ${REPO}/issues/comments/{comment_id}`,
  `POST ${REPO}/statuses/{sha}`, `GET ${REPO}/commits/{ref}/statuses`, `GET ${REPO}/commits/{ref}/status`,
  `GET ${REPO}/hooks`, `POST ${REPO}/hooks`, `GET ${REPO}/hooks/{hook_id}`, `PATCH ${REPO}/hooks/{hook_id}`, `DELETE ${REPO}/hooks/{hook_id}`, `GET ${REPO}/hooks/{hook_id}/deliveries`, `POST ${REPO}/hooks/{hook_id}/deliveries/{delivery_id}/attempts`,
];
const TYPES = ['application/vnd.github+json', 'application/vnd.github.v3+json'];

const kept = cut(JSON.parse(readFileSync(process.argv[2])), WANTED);
const bodyOf = (method, path) => kept.paths[path][method].requestBody.content['application/json'].schema;

// GitHub answers in its own media types, which its contract does not list.
function answerInGitHubsTypes() {
  const responses = [...Object.values(kept.paths).flatMap((path) => Object.values(path).flatMap((operation) => Object.values(operation.responses ?? {}))), ...Object.values(kept.components.responses ?? {})];
  for (const response of responses) {
    delete response.content?.['application/vnd.github.object'];
    const json = response.content?.['application/json'];
    if (json) for (const type of TYPES) response.content[type] = json;
  }
}

// A path with slashes in it is one parameter for GitHub and several for a contract checker.
function deepPaths(path, name, depth) {
  const operations = kept.paths[path];
  for (let n = 2; n <= depth; n += 1) {
    const names = Array.from({ length: n }, (_, i) => `${name}${i + 1}`);
    const deep = path.replace(`{${name}}`, names.map((one) => `{${one}}`).join('/'));
    kept.paths[deep] = JSON.parse(JSON.stringify(operations));
    for (const operation of Object.values(kept.paths[deep])) {
      delete operation.operationId;
      operation.parameters = [...operation.parameters.filter((one) => one.name !== name && !one.$ref?.endsWith(`/${name}`)), ...names.map((one) => ({ name: one, in: 'path', required: true, schema: { type: 'string' } }))];
    }
  }
}

// What GitHub's prose says and its schema does not: no key beyond those named, a conclusion with every ending, and no `stale`.
function tighten() {
  const run = { conclusion: { anyOf: [{ properties: { status: { enum: ['completed'] } }, required: ['status', 'conclusion'] }, { properties: { status: { enum: ['queued', 'in_progress'] } } }] },
    end: { anyOf: [{ required: ['conclusion'] }, { not: { required: ['completed_at'] } }] } };
  for (const [method, path] of [['post', `${REPO}/check-runs`], ['patch', `${REPO}/check-runs/{check_run_id}`]]) {
    const body = closed(bodyOf(method, path));
    for (const key of ['oneOf', 'anyOf', 'allOf', 'discriminator']) delete body[key];
    body.allOf = [run.conclusion, run.end];
    body.properties.conclusion.enum = body.properties.conclusion.enum.filter((word) => word !== 'stale');
  }
  for (const [method, path] of [['post', `${REPO}/issues/{issue_number}/comments`], ['patch', `${REPO}/issues/comments/{comment_id}`]]) {
    closed(bodyOf(method, path)).properties.body = { type: 'string', minLength: 1, maxLength: 65536 };
  }
  const status = closed(bodyOf('post', `${REPO}/statuses/{sha}`));
  status.properties.description = { ...status.properties.description, maxLength: 140 };
  for (const [method, path] of [['post', `${REPO}/pulls`], ['post', `${REPO}/hooks`], ['patch', `${REPO}/hooks/{hook_id}`], ['patch', '/app/hook/config'], ['post', '/app/installations/{installation_id}/access_tokens']]) closed(bodyOf(method, path));
}

// The published list of installations wants each account to be a user and an enterprise at once; one alone is told right.
kept.paths['/app/installations'].get.responses['200'].content['application/json'].schema = { type: 'array', items: { $ref: '#/components/schemas/installation' } };
mayFail(kept);
answerInGitHubsTypes();
tighten();
deepPaths(`${REPO}/contents/{path}`, 'path', 5);
deepPaths(`${REPO}/branches/{branch}`, 'branch', 3);
deepPaths(`${REPO}/git/ref/{ref}`, 'ref', 4);
for (const path of Object.values(kept.paths)) for (const operation of Object.values(path)) delete operation.security; // who may do what is the fake's matter
kept.info['x-origin'] = 'github.com/github/rest-api-description by way of the npm package @octokit/openapi 23.0.2, MIT License; cut by cut_github.mjs';
const out = new URL('github.json', import.meta.url);
writeFileSync(out, lines(kept));
console.log(`${out.pathname}: ${Object.keys(kept.paths).length} paths, ${Object.keys(kept.components.schemas).length} schemas`);
