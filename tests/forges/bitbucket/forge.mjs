// A Bitbucket Cloud that keeps state: repositories, hooks, build statuses, pull requests and their comments, tokens with scopes.
import { randomUUID } from 'node:crypto';
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

export class Bitbucket extends Hosted {
  name = 'bitbucket';
  routes = new Router([...hookRoutes, ...statusRoutes, ...commentRoutes, ...repoRoutes]);
  words = { unauthorized: 'Token is invalid, expired, or not supported for this endpoint.' };

  constructor(fake) {
    super(fake, { prefix: '/2.0' });
    this.shapes = new Shapes(this);
    this.events = new Events(this);
  }

  seededHook(about) { return { uuid: `{${randomUUID()}}`, description: 'seeded', ...super.seededHook(about), events: about.events ?? ['repo:push', 'pullrequest:created', 'pullrequest:updated', 'pullrequest:fulfilled', 'pullrequest:rejected'] }; }

  // A token as Bearer, or with a name before it as Basic. A route's `scope` is what it needs.
  enter(call) {
    call.forge = this;
    const [scheme, text = ''] = (call.headers.authorization ?? refuse(401, 'Access token required')).split(' ');
    call.caller = this.holder(/^basic$/i.test(scheme) ? Buffer.from(text, 'base64').toString().replace(/^[^:]*:/, '') : text);
    const { scope = 'repository' } = call.about;
    const has = (wanted) => !call.caller.scopes || call.caller.scopes.includes(wanted) || call.caller.scopes.includes(`${wanted}:write`) || (wanted === 'repository' && call.caller.scopes.some((one) => one.startsWith('pullrequest')));
    if (!has(scope)) refuse(403, 'Your credentials lack one or more required privilege scopes.', { detail: { granted: call.caller.scopes, required: [scope] } });
    const { workspace, repo_slug } = call.params;
    if (workspace && repo_slug) {
      call.repo = this.world.find(`${workspace}/${repo_slug}`) ?? refuse(404, `Repository ${workspace}/${repo_slug} not found`);
      if (call.caller.repos && !call.caller.repos.includes(call.repo.path)) refuse(404, `Repository ${workspace}/${repo_slug} not found`);
    }
    call.body ??= {};
  }

  refusal(error) {
    const { headers, ...details } = error.details;
    return reply(error.status, { type: 'error', error: { message: error.message, ...details } }, headers);
  }

  wants(hook, made) { return hook.events.includes(made.event); }

  request(hook, made, about) { return request(this, hook, made, about); }
}
