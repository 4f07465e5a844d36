// Hooks of a repository. An edit takes everything but the secret, which stays: who wants another makes another hook.
import { refuse, reply } from '../lib/answers.mjs';
import { paged } from './pages.mjs';

const TYPES = ['gitea', 'forgejo', 'gogs', 'slack', 'discord', 'dingtalk', 'telegram', 'msteams', 'feishu', 'matrix', 'wechatwork', 'packagist'];
const write = { scope: 'repository:write' };

function shape(forge, hook) {
  return { id: hook.id, type: hook.type, branch_filter: hook.branch_filter ?? '*', config: { content_type: hook.content_type, url: hook.url }, events: hook.events, authorization_header: '', active: hook.active, updated_at: hook.updated_at, created_at: hook.created_at };
}

function judgeConfig(config) {
  if (config.content_type !== undefined && !['json', 'form'].includes(config.content_type)) refuse(422, 'Invalid content type');
  if (config.url !== undefined && !/^https?:\/\/[^/]/.test(config.url)) refuse(422, 'Invalid url');
}

function create(call) {
  const { body, forge, repo } = call;
  if (!TYPES.includes(body.type) || (body.type === 'forgejo' && forge.name !== 'forgejo')) refuse(422, `Invalid hook type: ${body.type}`);
  for (const name of ['url', 'content_type']) if (typeof body.config?.[name] !== 'string') refuse(422, `Missing config option: ${name}`);
  judgeConfig(body.config);
  const hook = forge.addHook(repo, { type: body.type, url: body.config.url, content_type: body.config.content_type, secret: body.config.secret ?? '', events: body.events?.length ? body.events : ['push'], active: body.active ?? false, branch_filter: body.branch_filter });
  return reply(201, shape(forge, hook));
}

const one = (call) => call.repo.hooks.get(Number(call.params.id)) ?? refuse(404, 'The target couldn\'t be found.');

function edit(call) {
  const hook = one(call);
  const { config = {}, events, active, branch_filter } = call.body;
  judgeConfig(config);
  Object.assign(hook, { url: config.url ?? hook.url, content_type: config.content_type ?? hook.content_type, events: events?.length ? events : ['push'], active: active ?? hook.active, branch_filter: branch_filter ?? hook.branch_filter, updated_at: call.forge.clock.iso() });
  return reply(200, shape(call.forge, hook));
}

function list(call) {
  const { items, headers } = paged(call, [...call.repo.hooks.values()]);
  return reply(200, items.map((hook) => shape(call.forge, hook)), headers);
}

async function test(call) {
  const { forge, repo } = call;
  const head = forge.world.heads(repo).get(repo.default_branch) ?? refuse(404, 'The target couldn\'t be found.');
  const made = forge.events.make('push', { repo: repo.path, branch: repo.default_branch, before: head, after: head });
  forge.sendHook(one(call), made); // answered before it is sent
  return reply(204);
}

export const routes = [
  ['GET', '/repos/{owner}/{repo}/hooks', list, write],
  ['POST', '/repos/{owner}/{repo}/hooks', create, write],
  ['GET', '/repos/{owner}/{repo}/hooks/{id}', (call) => reply(200, shape(call.forge, one(call))), write],
  ['PATCH', '/repos/{owner}/{repo}/hooks/{id}', edit, write],
  ['DELETE', '/repos/{owner}/{repo}/hooks/{id}', (call) => { call.repo.hooks.delete(one(call).id); return reply(204); }, write],
  ['POST', '/repos/{owner}/{repo}/hooks/{id}/tests', test, write],
];
