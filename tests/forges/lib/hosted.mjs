// What the forges beside GitHub share: tokens of people, hooks of repositories, statuses, comments, and the control that tests have over them.
//
// A forge extends this and has: routes (a Router, its paths below `prefix`), events.make(event, about) → {event, payload, headers?, repo},
// wants(hook, made) → whether the hook is subscribed to it, and request(hook, made, about) → {headers, body, guid}.
import { randomBytes } from 'node:crypto';
import { refuse, reply } from './answers.mjs';
import { Deliveries } from './deliveries.mjs';
import { World } from './world.mjs';

export class Hosted {
  constructor(fake, { prefix, settings = {} }) {
    this.fake = fake;
    this.clock = fake.clock;
    this.world = new World(fake.clock);
    this.prefix = prefix;
    this.settings = { hook_timeout_ms: 10_000, ...settings };
    this.deliveries = new Deliveries(this);
    this.tokens = new Map();
    this.comments = new Map();
    this.statuses = [];
  }

  link(path) { return this.fake.link(path); }

  api(path) { return this.fake.link(this.prefix + path); }

  route(call) { return call.path.startsWith(`${this.prefix}/`) ? this.routes.find(call.method, call.path.slice(this.prefix.length)) : null; }

  // The token of a call, or a refusal with 401. `text` is what the forge's own header held.
  holder(text) {
    const token = this.tokens.get(text);
    if (!token || token.revoked || (token.expires_ms && token.expires_ms <= this.clock.now())) refuse(401, this.words?.unauthorized ?? 'Unauthorized');
    token.uses += 1;
    return token;
  }

  // {token?, user?, scopes?, repos?: [path], seconds?}: without scopes it may do everything.
  addToken(about) {
    const made = { token: about.token ?? `${this.name}-${randomBytes(24).toString('base64url')}`, user: about.user ?? 'ada', scopes: about.scopes ?? null, repos: about.repos ?? null,
      expires_ms: about.seconds ? this.clock.now() + 1000 * about.seconds : null, revoked: false, uses: 0 };
    this.tokens.set(made.token, made);
    return made;
  }

  addHook(repo, about) {
    const hook = { id: this.world.next('hook', 301), active: true, created_at: this.clock.iso(), updated_at: this.clock.iso(), ...about };
    repo.hooks.set(hook.id, hook);
    return hook;
  }

  addStatus(about) {
    const one = { id: this.world.next('status', 501), created_at: this.clock.iso(), at_ms: Date.now(), ...about };
    this.statuses.push(one);
    return one;
  }

  addComment(repo, number, body, by) {
    const one = { id: this.world.next('comment', 601), repo, number, body, by, created_at: this.clock.iso(), updated_at: this.clock.iso(), deleted: false, version: 0, history: [{ what: 'create', time: this.clock.iso(), at_ms: Date.now(), body }] };
    this.comments.set(one.id, one);
    return one;
  }

  editComment(one, body) {
    Object.assign(one, { body, updated_at: this.clock.iso(), version: one.version + 1 });
    one.history.push({ what: 'update', time: one.updated_at, at_ms: Date.now(), body });
    return one;
  }

  commentsOf(repo, number) { return [...this.comments.values()].filter((one) => one.repo === repo && one.number === number && !one.deleted); }

  // `about` may say: guid, secret (a wrong one), signature (verbatim; null for none), headers, body (verbatim), content_type, url, lost.
  async sendHook(hook, made, about = {}) {
    const { headers, body, guid } = this.request(hook, made, about);
    return this.deliveries.send({ guid, event: made.event, action: made.action ?? null, hook, request: { headers: { ...headers, ...about.headers }, payload: made.payload, body }, url: about.url ?? hook.url }, about.lost);
  }

  // Tells every hook of the repository that wants it.
  async tell(made, about) {
    const sent = [];
    for (const hook of made.repo.hooks.values()) if (hook.active && this.wants(hook, made)) sent.push(await this.sendHook(hook, made, about));
    return sent;
  }

  control() {
    const { world } = this;
    return [
      ['POST', '/seed', ({ body }) => {
        for (const about of body.repos ?? []) world.addRepo(about);
        for (const about of body.pulls ?? []) world.pull(world.repoAt(about.repo), about);
        for (const about of body.hooks ?? []) this.addHook(world.repoAt(about.repo), this.seededHook(about));
        for (const about of body.comments ?? []) this.addComment(world.repoAt(about.repo), about.number, about.body, world.person(about.by ?? 'ada'));
        for (const about of body.tokens ?? []) this.addToken(about);
        return reply(200, this.state());
      }],
      ['POST', '/send', async ({ body: { event, deliver, ...about } }) => {
        const made = this.events.make(event, about);
        const sent = await this.tell(made, deliver);
        return reply(200, { event: made.event, payload: made.payload, deliveries: this.deliveries.told(sent) });
      }],
      ['POST', '/payload', ({ body: { event, ...about } }) => { const { event: name, payload } = this.events.make(event, about); return reply(200, { event: name, payload }); }],
      ['POST', '/redeliver', async ({ body }) => {
        const kept = this.deliveries.list.find((one) => one.id === body.id || one.guid === body.guid) ?? refuse(404, 'no such delivery');
        return reply(200, this.deliveries.told([await this.deliveries.again(kept)])[0]);
      }],
      ['POST', '/settings', ({ body }) => { Object.assign(this.settings, body); return reply(200, this.settings); }],
      ['POST', '/token', ({ body }) => reply(200, this.addToken(body))],
      ['POST', '/revoke', ({ body }) => {
        const hit = [...this.tokens.values()].filter((one) => !body.token || one.token === body.token);
        for (const one of hit) one.revoked = true;
        return reply(200, { revoked: hit.length });
      }],
      ['POST', '/delete_comment', ({ body }) => { (this.comments.get(body.id) ?? refuse(404, 'no such comment')).deleted = true; return reply(200, {}); }],
      ['POST', '/rename', ({ body }) => { world.move(world.repoAt(body.repo), body.to); return reply(200, {}); }],
    ];
  }

  // What a hook that a test seeds is made of.
  seededHook(about) { return { url: about.url, secret: about.secret ?? null, events: about.events ?? ['push', 'pull_request'], ...about, repo: undefined }; }

  state() {
    return {
      tokens: [...this.tokens.values()],
      repos: [...this.world.repos.values()].map((repo) => ({ id: repo.id, path: repo.path, default_branch: repo.default_branch, branches: Object.fromEntries(this.world.heads(repo)), hooks: [...repo.hooks.values()],
        pulls: [...repo.pulls.values()].map((pull) => ({ number: pull.number, head: pull.head, branch: pull.branch, from: pull.from.path, state: pull.state, draft: pull.draft })) })),
      comments: [...this.comments.values()].map((one) => ({ ...one, repo: one.repo.path, by: one.by.login })),
      statuses: this.statuses.map((one) => ({ ...one, repo: one.repo.path, by: one.by?.login })),
      deliveries: this.deliveries.told(),
    };
  }
}
