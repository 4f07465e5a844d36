// Makes gitea.json out of the types of gitea-js, which are made from Gitea's own contract. FOLDER has `typescript` and `gitea-js`:
//   npm install --prefix FOLDER --ignore-scripts typescript@5.9.3 gitea-js@1.23.0
//   node tests/forges/spec/cut_gitea.mjs FOLDER
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lines, mayFail } from './cut.mjs';
import { Types, operation } from './types.mjs';

const REPO = '/repos/{owner}/{repo}';
// With the status that says it went well, which the types do not tell.
const WANTED = [
  'GET /version 200', 'GET /user 200', 'GET /user/repos 200', `GET ${REPO} 200`, `GET ${REPO}/branches 200`, `GET ${REPO}/branches/{branch} 200`, `GET ${REPO}/git/commits/{sha} 200`, `GET ${REPO}/commits/{sha}/pull 200`, `GET ${REPO}/pulls 200`,
  `GET ${REPO}/pulls/{index} 200`, `GET ${REPO}/hooks 200`, `POST ${REPO}/hooks 201`, `GET ${REPO}/hooks/{id} 200`, `PATCH ${REPO}/hooks/{id} 200`, `DELETE ${REPO}/hooks/{id} 204`, `POST ${REPO}/hooks/{id}/tests 204`, `POST ${REPO}/statuses/{sha} 201`,
  `GET ${REPO}/statuses/{sha} 200`, `GET ${REPO}/commits/{ref}/statuses 200`, `GET ${REPO}/commits/{ref}/status 200`, `GET ${REPO}/issues/{index}/comments 200`, `POST ${REPO}/issues/{index}/comments 201`, `GET ${REPO}/issues/comments/{id} 200`,
  `PATCH ${REPO}/issues/comments/{id} 200`, `DELETE ${REPO}/issues/comments/{id} 204`, `GET ${REPO}/keys 200`, `POST ${REPO}/keys 201`, `DELETE ${REPO}/keys/{id} 204`,
];

const folder = process.argv[2];
const types = new Types(folder, join(folder, 'node_modules/gitea-js/dist/index.d.ts'), { loose: true });
const { ts, checker } = types;

// "GET /path" → the method's type, by the comment that names its request.
const methods = new Map();
(function find(node) {
  const request = ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) ? /@request (\w+):(\S+)/.exec(node.getFullText()) : null;
  if (request) methods.set(`${request[1]} ${request[2]}`, checker.getTypeAtLocation(node));
  ts.forEachChild(node, find);
})(types.source);

const paths = {};
for (const line of WANTED) {
  const [method, path, status] = line.split(' ');
  const type = methods.get(`${method} ${path}`);
  if (!type) throw new Error(`gitea-js has no ${method} ${path}`);
  const [signature] = type.getCallSignatures();
  const typeOf = (symbol) => checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
  const body = signature.parameters.find((one) => one.name === 'body' || one.name === 'data');
  const query = signature.parameters.find((one) => one.name === 'query');
  const answer = checker.getTypeArguments(checker.getAwaitedType(signature.getReturnType()) ?? signature.getReturnType());
  const told = types.property(checker.getAwaitedType(signature.getReturnType()), 'data') ?? answer[0];
  (paths[path] ??= {})[method.toLowerCase()] = operation(path, { body: body && types.body(typeOf(body)), query: query ? types.properties(typeOf(query)).map((one) => one.name) : [], answers: { [status]: status === '204' ? null : types.schema(told) } });
}
// A branch may have slashes in its name.
for (const names of ['{b1}/{b2}', '{b1}/{b2}/{b3}']) paths[`${REPO}/branches/${names}`] = { get: operation(`${REPO}/branches/${names}`, { answers: { 200: paths[`${REPO}/branches/{branch}`].get.responses[200].content['application/json'].schema } }) };
const state = paths[`${REPO}/statuses/{sha}`].post.requestBody.content['application/json'].schema;
state.properties.state = { type: 'string', enum: ['pending', 'success', 'error', 'failure', 'warning'] };
state.required = ['state'];
const kept = { openapi: '3.0.3', info: { title: 'Gitea API, cut', version: '1.23', 'x-origin': 'Gitea\'s API contract (MIT License) by way of the types of the npm package gitea-js 1.23.0 (MIT License); cut by cut_gitea.mjs' }, paths, components: { schemas: types.schemas } };
mayFail(kept);
writeFileSync(new URL('gitea.json', import.meta.url), lines(kept));
console.log(`${Object.keys(paths).length} paths, ${Object.keys(types.schemas).length} schemas`);
