// A GitLab that keeps state: projects, hooks, commit statuses, merge requests and their notes, deploy keys, tokens with scopes and a role.
import { randomUUID } from 'node:crypto';
import { refuse, reply } from '../lib/answers.mjs';
import { Hosted } from '../lib/hosted.mjs';
import { Router } from '../lib/router.mjs';
import { Events } from './events.mjs';
import { routes as hookRoutes } from './hooks.mjs';
import { routes as noteRoutes } from './notes.mjs';
import { routes as projectRoutes } from './projects.mjs';
import { request } from './request.mjs';
import { Shapes } from './shapes.mjs';
import { routes as statusRoutes } from './statuses.mjs';

export class GitLab extends Hosted {
  name = 'gitlab';
  routes = new Router([...projectRoutes, ...hookRoutes, ...statusRoutes, ...noteRoutes]);
  words = { unauthorized: '401 Unauthorized' };

  constructor(fake) {
    super(fake, { prefix: '/api/v4', settings: { before_17_4: false, local_hooks: true, push_event_hooks_limit: 3 } });
    this.shapes = new Shapes(this);
    this.events = new Events(this);
  }

  // {…, level?}: the role's number in every project: 30 developer, 40 maintainer (the default).
  addToken(about) { return Object.assign(super.addToken({ ...about, token: about.token ?? `glpat-${randomUUID().replaceAll('-', '').slice(0, 20)}`, scopes: about.scopes ?? ['api'] }), { level: about.level ?? 40, name: about.name ?? 'kiln' }); }

  seededHook(about) { return { uuid: randomUUID(), push_events: true, tag_push_events: true, merge_requests_events: true, enable_ssl_verification: false, failures: 0, disabled_until: null, ...super.seededHook(about), token: about.token ?? null }; }

  // Who calls, and whether the role and the scope are enough: `about` of a route is {level?, write?}.
  enter(call) {
    call.forge = this;
    const bearer = /^bearer (.+)$/i.exec(call.headers.authorization ?? '')?.[1];
    const text = call.headers['private-token'] ?? bearer ?? call.query.get('private_token') ?? refuse(401, this.words.unauthorized);
    call.caller = this.holder(text);
    const { level = 20, write = false } = call.about;
    if (!call.caller.scopes.some((scope) => scope === 'api' || (!write && scope === 'read_api'))) refuse(403, 'insufficient_scope', { body: { error: 'insufficient_scope', error_description: 'The request requires higher privileges than provided by the access token.', scope: 'api' } });
    if (call.params.id !== undefined) {
      const id = call.params.id;
      call.repo = (/^\d+$/.test(id) ? this.world.repos.get(Number(id)) : this.world.find(id)) ?? refuse(404, '404 Project Not Found');
      if (call.caller.repos && !call.caller.repos.includes(call.repo.path)) refuse(404, '404 Project Not Found');
      if (call.caller.level < level) refuse(403, '403 Forbidden');
    }
    call.body ??= {};
  }

  refusal(error) {
    const { headers, body } = error.details;
    return reply(error.status, body ?? { message: error.message === 'Not Found' ? '404 Not Found' : error.message }, headers);
  }

  wants(hook, made) {
    if (hook.disabled_until && hook.disabled_until > this.clock.now()) return false;
    if ((made.refs ?? 1) > this.settings.push_event_hooks_limit) return false; // too many refs in one push: no hook at all
    return { push: hook.push_events, tag_push: hook.tag_push_events, merge_request: hook.merge_requests_events, system: true }[made.kind];
  }

  request(hook, made, about) { return request(this, hook, made, about); }

  // A hook that fails four times in a row rests, for longer each time; after forty it is off for good.
  async sendHook(hook, made, about) {
    const one = await super.sendHook(hook, made, about);
    hook.failures = one.ok ? 0 : hook.failures + 1;
    const rest_s = Math.min(60 * 2 ** (hook.failures - 4), 86_400);
    hook.disabled_until = hook.failures >= 40 ? Infinity : hook.failures >= 4 ? this.clock.now() + 1000 * rest_s : null;
    return one;
  }
}
