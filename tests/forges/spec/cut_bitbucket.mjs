// Makes bitbucket.json and bitbucket_server.json out of the types of @coderabbitai/bitbucket, which are made from Atlassian's own contracts:
//   npm install --prefix FOLDER --ignore-scripts typescript@5.9.3 @coderabbitai/bitbucket@1.1.4
//   node tests/forges/spec/cut_bitbucket.mjs FOLDER
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lines, mayFail } from './cut.mjs';
import { Types, operation } from './types.mjs';

const CLOUD = '/repositories/{workspace}/{repo_slug}';
const SERVER = '/api/latest/projects/{projectKey}/repos/{repositorySlug}';
const PULL = `${SERVER}/pull-requests/{pullRequestId}`;

const EVENTS = ['repo:push', 'repo:updated', 'repo:transfer', 'repo:deleted', 'pullrequest:created', 'pullrequest:updated', 'pullrequest:fulfilled', 'pullrequest:rejected'];
const word = (most, more = {}) => ({ type: 'string', maxLength: most, ...more });
const only = (properties, required = []) => ({ type: 'object', properties, required, additionalProperties: false });

// Bodies that the contracts leave open, as their prose has them: what Kiln may send, and no more.
const cloudHook = { description: word(255), url: word(2048, { pattern: '^https?://' }), active: { type: 'boolean' }, secret: word(128, { nullable: true }), events: { type: 'array', minItems: 1, items: { type: 'string', enum: EVENTS } } };
const cloudStatus = { key: word(40), state: { type: 'string', enum: ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'] }, name: word(255), url: word(2048, { pattern: '^https?://' }), description: word(255), refname: word(255) };
const cloudComment = only({ content: only({ raw: word(32768, { minLength: 1 }) }, ['raw']) }, ['content']);
const serverHook = { name: word(255), url: word(2048, { pattern: '^https?://' }), active: { type: 'boolean' }, sslVerificationRequired: { type: 'boolean' }, configuration: only({ secret: word(255), createdBy: word(255) }),
  events: { type: 'array', minItems: 1, items: { type: 'string', enum: ['repo:refs_changed', 'repo:modified', 'pr:opened', 'pr:from_ref_updated', 'pr:modified', 'pr:merged', 'pr:declined', 'pr:deleted'] } } };
const serverStatus = only({ key: word(255), state: { type: 'string', enum: ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'CANCELLED', 'UNKNOWN'] }, name: word(255), url: word(450, { pattern: '^https?://' }), description: word(255), parent: word(1024), ref: word(1024),
  buildNumber: word(255), duration: { type: 'integer' }, lastUpdated: { type: 'integer' } }, ['key', 'state', 'url']);

const CUTS = {
  'cloud bitbucket Bitbucket Cloud': [
    ['GET /user'], ['GET /repositories/{workspace}'], [`GET ${CLOUD}`], [`GET ${CLOUD}/refs/branches`], [`GET ${CLOUD}/refs/branches/{name}`], [`GET ${CLOUD}/commit/{commit}`], [`GET ${CLOUD}/commit/{commit}/pullrequests`], [`GET ${CLOUD}/pullrequests`],
    [`GET ${CLOUD}/pullrequests/{pull_request_id}`], [`GET ${CLOUD}/hooks`], [`POST ${CLOUD}/hooks`, only(cloudHook, ['description', 'url', 'events'])], [`GET ${CLOUD}/hooks/{uid}`], [`PUT ${CLOUD}/hooks/{uid}`, only(cloudHook)], [`DELETE ${CLOUD}/hooks/{uid}`],
    [`POST ${CLOUD}/commit/{commit}/statuses/build`, only(cloudStatus, ['key', 'state', 'url'])], [`GET ${CLOUD}/commit/{commit}/statuses/build/{key}`], [`PUT ${CLOUD}/commit/{commit}/statuses/build/{key}`, only(cloudStatus)],
    [`GET ${CLOUD}/commit/{commit}/statuses`], [`GET ${CLOUD}/pullrequests/{pull_request_id}/comments`], [`POST ${CLOUD}/pullrequests/{pull_request_id}/comments`, cloudComment],
    [`GET ${CLOUD}/pullrequests/{pull_request_id}/comments/{comment_id}`], [`PUT ${CLOUD}/pullrequests/{pull_request_id}/comments/{comment_id}`, cloudComment], [`DELETE ${CLOUD}/pullrequests/{pull_request_id}/comments/{comment_id}`],
  ],
  'server bitbucket_server Bitbucket Data Center': [
    ['GET /api/latest/application-properties'], ['GET /api/latest/repos'], ['GET /api/latest/projects/{projectKey}/repos'], [`GET ${SERVER}`], [`GET ${SERVER}/branches`], [`GET ${SERVER}/commits/{commitId}`], [`GET ${SERVER}/commits/{commitId}/pull-requests`],
    [`GET ${SERVER}/pull-requests`], [`GET ${PULL}`], [`GET ${PULL}/activities`], [`POST ${PULL}/comments`, only({ text: word(32768, { minLength: 1 }) }, ['text'])], [`GET ${PULL}/comments/{commentId}`],
    [`PUT ${PULL}/comments/{commentId}`, only({ text: word(32768, { minLength: 1 }), version: { type: 'integer' } }, ['text', 'version'])], [`DELETE ${PULL}/comments/{commentId}`],
    [`GET ${SERVER}/webhooks`], [`POST ${SERVER}/webhooks`, only(serverHook, ['name', 'url', 'events'])], [`GET ${SERVER}/webhooks/{webhookId}`], [`PUT ${SERVER}/webhooks/{webhookId}`, only(serverHook, ['name', 'url', 'events'])], [`DELETE ${SERVER}/webhooks/{webhookId}`],
    [`POST ${SERVER}/commits/{commitId}/builds`, serverStatus], [`GET ${SERVER}/commits/{commitId}/builds`], ['POST /build-status/latest/commits/{commitId}', serverStatus], ['GET /build-status/latest/commits/{commitId}'],
  ],
};

const folder = process.argv[2];
for (const [which, wanted] of Object.entries(CUTS)) {
  const [kind, out, ...title] = which.split(' ');
  const types = new Types(folder, join(folder, `node_modules/@coderabbitai/bitbucket/dist/${kind}/openapi/openapi-typescript.d.ts`), { loose: true });
  const all = types.named('paths');
  const paths = {};
  for (const [line, body] of wanted) {
    const [method, path] = line.split(' ');
    // The contract of Data Center has names for parameters that differ between its versions.
    const found = types.properties(all).find((one) => one.name.replace(/\{\w+\}/g, '{}') === path.replace(/\{\w+\}/g, '{}'));
    const operationType = types.property(found && types.checker.getTypeOfSymbol(found), method.toLowerCase());
    if (!operationType) throw new Error(`the types have no ${line}`);
    const responses = types.property(operationType, 'responses');
    const answers = {};
    for (const symbol of types.properties(responses).filter((one) => /^2\d\d$/.test(one.name))) {
      const content = types.property(types.checker.getTypeOfSymbol(symbol), 'content');
      const json = content && (types.property(content, 'application/json') ?? types.property(content, 'application/json;charset=UTF-8'));
      answers[symbol.name] = json ? types.schema(json) : null;
    }
    const query = types.property(types.property(operationType, 'parameters'), 'query');
    (paths[path] ??= {})[method.toLowerCase()] = operation(path, { body, answers, query: query ? types.properties(query).map((one) => one.name) : [] });
  }
  // Where the contracts are not as the hosts answer: the kind of an account or of a branch is a word, and a hook is made with 201 by some releases.
  for (const { properties = {} } of Object.values(types.schemas)) {
    if (properties.type?.enum?.[0] === 'account' || (properties.displayId && properties.type?.allOf)) properties.type = { type: 'string' };
  }
  const made = paths[`${SERVER}/webhooks`]?.post.responses;
  if (made) made[201] = made[200];
  const kept = { openapi: '3.0.3', info: { title: `${title.join(' ')} API, cut`, version: '1', 'x-origin': `Atlassian's API contract by way of the types of the npm package @coderabbitai/bitbucket 1.1.4 (Apache License 2.0); cut by cut_bitbucket.mjs` }, paths,
    components: { schemas: types.schemas } };
  mayFail(kept);
  writeFileSync(new URL(`${out}.json`, import.meta.url), lines(kept));
  console.log(`${out}: ${Object.keys(paths).length} paths, ${Object.keys(types.schemas).length} schemas`);
}
