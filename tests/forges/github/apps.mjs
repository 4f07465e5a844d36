// Routes of an App and its installations.
import { refuse, reply } from '../lib/answers.mjs';
import { page } from '../lib/pages.mjs';
import { newToken } from './auth.mjs';

const LEVELS = { read: 1, write: 2, admin: 3 };
const paged = (call, items, options) => page(call, call.forge.fake, items, options);

const oneOf = (call) => {
  const one = call.forge.installations.get(Number(call.params.installation_id));
  return one && one.app_id === call.caller.app.id ? one : refuse(404, 'Not Found');
};

function accessToken(call) {
  const { forge, body } = call;
  const one = oneOf(call);
  if (one.suspended_at) refuse(403, 'This installation has been suspended');
  const reachable = forge.reposOf(one);
  let chosen = null;
  if (body.repository_ids || body.repositories) {
    if ((body.repository_ids?.length ?? 0) > 500) refuse(422, 'Too many repositories');
    chosen = reachable.filter((repo) => body.repository_ids?.includes(repo.id) || body.repositories?.includes(repo.name));
    if (chosen.length !== new Set([...(body.repository_ids ?? []), ...(body.repositories ?? [])]).size) {
      refuse(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
    }
  }
  for (const [name, level] of Object.entries(body.permissions ?? {})) {
    if ((LEVELS[one.permissions[name]] ?? 0) < LEVELS[level]) refuse(422, 'The permissions requested are not granted to this installation.');
  }
  const expires_ms = forge.clock.now() + 1000 * forge.settings.token_seconds;
  const token = {
    kind: 'installation', token: newToken(call.caller.app, forge.settings.token_length), installation_id: one.id, app_id: one.app_id, repository_ids: chosen ? new Set(chosen.map((repo) => repo.id)) : null,
    permissions: { metadata: 'read', ...(body.permissions ?? one.permissions) }, expires_ms, expires_at: forge.clock.iso(expires_ms), revoked: false, uses: 0,
  };
  forge.tokens.set(token.token, token);
  const listed = chosen ? { repositories: chosen.map((repo) => forge.shapes.repository(repo)) } : {};
  return reply(201, { token: token.token, expires_at: token.expires_at, permissions: token.permissions, repository_selection: chosen ? 'selected' : one.repository_selection, ...listed });
}

function installations(call) {
  const mine = [...call.forge.installations.values()].filter((one) => one.app_id === call.caller.app.id);
  const { items, headers } = paged(call, mine);
  return reply(200, items.map((one) => call.forge.shapes.installation(one, call.caller.app)), headers);
}

function reachable(call) {
  const { forge, caller } = call;
  if (caller.kind !== 'installation') refuse(403, 'Resource not accessible by personal access token');
  const one = forge.installations.get(caller.installation_id);
  const repos = forge.reposOf(one).filter((repo) => !caller.repository_ids || caller.repository_ids.has(repo.id));
  const { items, headers } = paged(call, repos);
  return reply(200, { total_count: repos.length, repository_selection: one.repository_selection, repositories: items.map((repo) => forge.shapes.repository(repo)) }, headers);
}

function ofRepo(call) {
  if (!call.repo) refuse(404, 'Not Found');
  const one = call.forge.installationOf(call.repo, call.caller.app) ?? refuse(404, 'Not Found');
  return reply(200, call.forge.shapes.installation(one, call.caller.app));
}

function ofAccount(call) {
  const one = [...call.forge.installations.values()].find((each) => each.app_id === call.caller.app.id && each.account.login === call.params.login) ?? refuse(404, 'Not Found');
  return reply(200, call.forge.shapes.installation(one, call.caller.app));
}

function user(call) {
  const { forge, caller } = call;
  if (caller.kind !== 'person') refuse(403, 'Resource not accessible by integration');
  const who = forge.world.person(caller.user);
  return reply(200, { ...forge.shapes.user(who), name: who.name, company: null, blog: '', location: null, email: who.email, hireable: null, bio: null, public_repos: 0, public_gists: 0, followers: 0, following: 0,
    created_at: forge.clock.iso(0), updated_at: forge.clock.iso(0) });
}

function myRepos(call) {
  const { forge, caller } = call;
  if (caller.kind !== 'person') refuse(403, 'Resource not accessible by integration');
  const mine = [...forge.world.repos.values()].filter((repo) => !caller.repos || caller.repos.includes(repo.path));
  const { items, headers } = paged(call, mine);
  return reply(200, items.map((repo) => forge.shapes.repository(repo)), headers);
}

function revoke(call) {
  if (call.caller.kind !== 'installation') refuse(403, 'Resource not accessible by personal access token');
  call.caller.revoked = true;
  return reply(204);
}

const app = { auth: 'app' };
export const routes = [
  ['GET', '/app', (call) => reply(200, { ...call.forge.shapes.app(call.caller.app), installations_count: [...call.forge.installations.values()].filter((one) => one.app_id === call.caller.app.id).length }), app],
  ['GET', '/app/installations', installations, app],
  ['GET', '/app/installations/{installation_id}', (call) => reply(200, call.forge.shapes.installation(oneOf(call), call.caller.app)), app],
  ['POST', '/app/installations/{installation_id}/access_tokens', accessToken, app],
  ['GET', '/installation/repositories', reachable],
  ['DELETE', '/installation/token', revoke],
  ['GET', '/repos/{owner}/{repo}/installation', ofRepo, app],
  ['GET', '/orgs/{login}/installation', ofAccount, app],
  ['GET', '/users/{login}/installation', ofAccount, app],
  ['GET', '/user', user],
  ['GET', '/user/repos', myRepos],
];
