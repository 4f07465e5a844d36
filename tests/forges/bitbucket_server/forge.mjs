// A Bitbucket Data Center that keeps state: repositories, hooks, build statuses, pull requests and their comments, tokens with a permission.
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

const LEVELS = { REPO_READ: 1, REPO_WRITE: 2, REPO_ADMIN: 3 };
const NAMES = { 400: 'com.atlassian.bitbucket.validation.ArgumentValidationException', 401: 'com.atlassian.bitbucket.AuthorisationException', 403: 'com.atlassian.bitbucket.AuthorisationException', 404: 'com.atlassian.bitbucket.NoSuchObjectException',
  409: 'com.atlassian.bitbucket.comment.CommentOutOfDateException' };

export class BitbucketServer extends Hosted {
  name = 'bitbucket_server';
  routes = new Router([...hookRoutes, ...statusRoutes, ...commentRoutes, ...repoRoutes]);
  words = { unauthorized: 'Authentication failed. Please check your credentials and try again.' };

  constructor(fake) {
    super(fake, { prefix: '/rest' });
    this.shapes = new Shapes(this);
    this.events = new Events(this);
  }

  // {…, permission?: REPO_READ | REPO_WRITE | REPO_ADMIN}.
  addToken(about) { return Object.assign(super.addToken(about), { permission: about.permission ?? 'REPO_ADMIN' }); }

  seededHook(about) { return { name: 'seeded', ...super.seededHook(about), events: about.events ?? ['repo:refs_changed', 'pr:opened', 'pr:from_ref_updated', 'pr:modified', 'pr:merged', 'pr:declined', 'pr:deleted'] }; }

  // The version of the API in a path is "latest" or "1.0".
  route(call) { return super.route({ ...call, path: call.path.replace(/^(\/rest\/(?:api|build-status))\/1\.0\//, '$1/latest/') }); }

  enter(call) {
    call.forge = this;
    const text = /^bearer (.+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? (/^basic (.+)$/i.exec(call.headers.authorization ?? '')?.[1] ? Buffer.from(call.headers.authorization.slice(6), 'base64').toString().replace(/^[^:]*:/, '') : null);
    call.caller = text ? this.holder(text) : refuse(401, 'You are not permitted to access this resource');
    if (LEVELS[call.caller.permission] < LEVELS[call.about.need ?? 'REPO_READ']) refuse(403, 'You are not permitted to access this resource');
    const { key, slug } = call.params;
    if (key && slug) {
      call.repo = this.world.find(`${key}/${slug}`) ?? refuse(404, `Repository ${key}/${slug} does not exist.`);
      if (call.caller.repos && !call.caller.repos.includes(call.repo.path)) refuse(404, `Repository ${key}/${slug} does not exist.`);
    }
    call.body ??= {};
  }

  refusal(error) { return reply(error.status, { errors: [{ context: error.details.context ?? null, message: error.message, exceptionName: NAMES[error.status] ?? null }] }, error.details.headers); }

  wants(hook, made) { return made.event === 'diagnostics:ping' || hook.events.includes(made.event); }

  request(hook, made, about) { return request(this, hook, made, about); }
}
