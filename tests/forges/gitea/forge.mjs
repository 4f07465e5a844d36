// A Gitea or Forgejo that keeps state: repositories, hooks, statuses, pull requests and their comments, deploy keys, tokens with scopes.
import { refuse, reply } from '../lib/answers.mjs';
import { Hosted } from '../lib/hosted.mjs';
import { Router } from '../lib/router.mjs';
import { routes as commentRoutes } from './comments.mjs';
import { Events } from './events.mjs';
import { routes as hookRoutes } from './hooks.mjs';
import { routes as repoRoutes } from './repos.mjs';
import { request } from './request.mjs';
import { Shapes } from './shapes.mjs';
import { routes as statusRoutes } from './statuses.mjs';

export class Gitea extends Hosted {
  routes = new Router([...hookRoutes, ...statusRoutes, ...commentRoutes, ...repoRoutes]);
  words = { unauthorized: 'invalid username, password or token' };

  constructor(fake, { name = 'gitea' } = {}) {
    super(fake, { prefix: '/api/v1', settings: { feed_max_commits: 5, states: ['pending', 'success', 'error', 'failure', 'warning', 'skipped'], hook_timeout_ms: 5000 } });
    this.name = name;
    this.shapes = new Shapes(this);
    this.events = new Events(this);
  }

  seededHook(about) { return { type: this.name, content_type: 'json', ...super.seededHook(about) }; }

  // A route's `scope` is a name and a level: "repository:write".
  enter(call) {
    call.forge = this;
    const told = /^(token|bearer) (.+)$/i.exec(call.headers.authorization ?? '')?.[2] ?? call.query.get('token') ?? call.query.get('access_token') ?? refuse(401, 'token is required');
    call.caller = this.holder(told);
    const [name, level] = (call.about.scope ?? 'repository:read').split(':');
    const has = (scope) => !call.caller.scopes || call.caller.scopes.includes(scope) || call.caller.scopes.includes('all');
    if (!has(`write:${name}`) && !(level === 'read' && has(`read:${name}`))) refuse(403, `token does not have at least one of required scope(s), required=[${level}:${name}], token scope=${call.caller.scopes.join(',')}`);
    const { owner, repo } = call.params;
    if (owner && repo) {
      call.repo = this.world.find(`${owner}/${repo}`) ?? this.#moved(call) ?? refuse(404, 'The target couldn\'t be found.');
      if (call.caller.repos && !call.caller.repos.includes(call.repo.path)) refuse(404, 'The target couldn\'t be found.');
    }
    call.body ??= {};
  }

  #moved(call) {
    const { owner, repo } = call.params;
    const found = [...this.world.repos.values()].find((one) => one.former.has(`${owner}/${repo}`.toLowerCase()));
    if (!found) return null;
    const to = this.api(`/repos/${found.path}${call.path.slice(`${this.prefix}/repos/${owner}/${repo}`.length)}`);
    return refuse(call.method === 'GET' ? 301 : 307, 'moved', { headers: { location: to } });
  }

  refusal(error) { return reply(error.status, { message: error.message, url: this.link('/api/swagger'), ...(error.status === 404 ? { errors: [] } : {}) }, error.details.headers); }

  wants(hook, made) { return made.event === 'repository' ? hook.events.includes('repository') : hook.events.includes(made.event) || hook.events.includes(made.type) || (made.event === 'pull_request' && hook.events.includes('pull_request_only') && made.type === 'pull_request'); }

  request(hook, made, about) { return request(this, hook, made, about); }
}
