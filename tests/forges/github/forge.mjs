// A GitHub that keeps state: Apps, installations, tokens, repositories, check runs, comments, statuses and hook deliveries.
import { refuse, reply } from '../lib/answers.mjs';
import { Deliveries } from '../lib/deliveries.mjs';
import { Router } from '../lib/router.mjs';
import { World } from '../lib/world.mjs';
import { routes as appRoutes } from './apps.mjs';
import { admit, newKey } from './auth.mjs';
import { routes as checkRoutes } from './checks.mjs';
import { routes as commentRoutes } from './comments.mjs';
import { control } from './control.mjs';
import { Events } from './events.mjs';
import { appHook, routes as hookRoutes, sendHook } from './hooks.mjs';
import { pages, routes as manifestRoutes } from './manifest.mjs';
import { commitRoute, routes as repoRoutes } from './repos.mjs';
import { Shapes } from './shapes.mjs';
import { routes as statusRoutes } from './statuses.mjs';

const PERMISSIONS = { metadata: 'read', contents: 'read', checks: 'write', pull_requests: 'write', statuses: 'write' };
const EVENTS = ['push', 'pull_request', 'delete', 'create', 'check_run', 'check_suite', 'repository'];
const ROUTER = new Router([...appRoutes, ...hookRoutes, ...manifestRoutes, ...repoRoutes, ...checkRoutes, ...commentRoutes, ...statusRoutes, commitRoute]);
const PAGES = new Router(pages);

export class GitHub {
  name = 'github';

  constructor(fake, { ghes = false } = {}) {
    this.fake = fake;
    this.clock = fake.clock;
    this.world = new World(fake.clock);
    this.prefix = ghes ? '/api/v3' : '';
    // Tests set these by /__control/settings.
    this.settings = { token_seconds: 3600, token_length: 1000, app_id_only: false, public_hooks_only: false, enterprise: ghes ? { host: 'ghes.example', version: '3.19.0' } : null, hook_timeout_ms: 10_000 };
    this.shapes = new Shapes({ link: (path) => fake.link(path), api: (path) => fake.link(this.prefix + path) });
    this.events = new Events(this);
    this.deliveries = new Deliveries(this, 100001);
    this.apps = new Map();
    this.codes = new Map(); // of manifests: code → App
    this.installations = new Map();
    this.tokens = new Map();
    this.runs = new Map();
    this.suites = new Map();
    this.comments = new Map();
    this.statuses = [];
  }

  control() { return control(this); }

  // The App that a test speaks of when it names none: the newest.
  get app() { return [...this.apps.values()].at(-1) ?? this.addApp({}); }

  appOf(id) { return this.apps.get(id); }

  addApp(about) {
    const id = about.id ?? this.world.next('app', 85001);
    const key = about.public_key ? { publicKey: about.public_key, privateKey: null } : newKey(this.apps.size);
    const app = {
      id, name: about.name ?? 'Kiln', slug: about.slug ?? (about.name ?? 'Kiln').toLowerCase().replace(/[^a-z0-9]+/g, '-'), owner: this.world.person(about.owner ?? 'acme', about.owner_type ?? 'Organization'),
      client_id: about.client_id ?? `Iv23li${id}`, client_secret: about.client_secret ?? `secret${id}`, description: about.description ?? null, url: about.url,
      public_key: key.publicKey, private_key: key.privateKey, permissions: about.permissions ?? { ...PERMISSIONS }, events: about.events ?? [...EVENTS], created_at: this.clock.iso(),
      hook: { url: about.hook_url ?? null, secret: about.hook_secret ?? 'It\'s a Secret to Everybody', content_type: about.content_type ?? 'json', insecure_ssl: '0' }, hook_id: this.world.next('hook', 90001),
      setup_url: about.setup_url ?? null, public: about.public ?? false,
    };
    this.apps.set(id, app);
    return app;
  }

  // {account?, repositories?: [path] | "all", permissions?, events?, app_id?}.
  addInstallation(about) {
    const app = about.app_id ? this.appOf(about.app_id) ?? refuse(404, `no App ${about.app_id}`) : this.app;
    const selected = Array.isArray(about.repositories);
    const one = {
      id: about.id ?? this.world.next('installation', 5001), app_id: app.id, account: this.world.person(about.account ?? 'acme', about.account_type ?? 'Organization'),
      repository_selection: selected ? 'selected' : 'all', repository_ids: new Set((selected ? about.repositories : []).map((path) => this.world.repoAt(path).id)),
      permissions: about.permissions ?? { ...app.permissions }, events: about.events ?? [...app.events], suspended_at: null, created_at: this.clock.iso(), updated_at: this.clock.iso(),
    };
    this.installations.set(one.id, one);
    return one;
  }

  mayReach(installation, repo) {
    return installation.repository_selection === 'all' ? repo.owner === installation.account : installation.repository_ids.has(repo.id);
  }

  reposOf(installation) { return [...this.world.repos.values()].filter((repo) => this.mayReach(installation, repo)); }

  installationOf(repo, app) { return [...this.installations.values()].find((one) => (!app || one.app_id === app.id) && this.mayReach(one, repo)) ?? null; }

  suiteOf(repo, sha, app_id) {
    const key = `${repo.id} ${sha} ${app_id}`;
    if (!this.suites.has(key)) {
      const branch = [...this.world.heads(repo)].find(([, head]) => head === sha)?.[0] ?? null;
      this.suites.set(key, { id: this.world.next('suite', 30001), repo, head_sha: sha, head_branch: branch, before: null, status: 'queued', conclusion: null, created_at: this.clock.iso(),
        updated_at: this.clock.iso() });
    }
    return this.suites.get(key);
  }

  // One webhook from an App, if it has subscribed to it.
  async sendFromApp(app, made, about) {
    const always = ['installation', 'installation_repositories', 'github_app_authorization', 'ping'];
    if (!always.includes(made.event) && !app.events.includes(made.event)) refuse(422, `the App ${app.slug} is not subscribed to ${made.event}`);
    return sendHook(this, appHook(app), made, about);
  }

  // One webhook from each hook of the repository that wants it: those that a person's token made.
  async sendFromRepo(repo, made, about) {
    const sent = [];
    for (const hook of repo.hooks.values()) {
      if (hook.active && (hook.events.includes('*') || hook.events.includes(made.event))) sent.push(await sendHook(this, hook, made, about));
    }
    return sent;
  }

  dropRepo(repo) {
    this.world.repos.delete(repo.id);
    for (const one of this.installations.values()) one.repository_ids.delete(repo.id);
  }

  // The API below `prefix`, pages beside it. A repository that was renamed is found under its old name by a redirect, as GitHub does.
  route(call) {
    const page = PAGES.find(call.method, call.path);
    if (page?.handler) return page;
    if (!call.path.startsWith(`${this.prefix}/`)) return null;
    const below = call.path.slice(this.prefix.length).replace(/^\/repositories\/(\d+)/, (all, id) => (this.world.repos.has(Number(id)) ? `/repos/${this.world.repos.get(Number(id)).path}` : all));
    return ROUTER.find(call.method, below);
  }

  enter(call) {
    call.forge = this;
    const { owner, repo } = call.params;
    if (owner && repo) call.repo = this.world.find(`${owner}/${repo}`);
    admit(this, call);
    if (owner && repo && !call.repo) this.#moved(call, `${owner}/${repo}`);
    if (call.body !== undefined && (typeof call.body !== 'object' || call.body === null || Array.isArray(call.body))) refuse(400, 'Body should be a JSON object');
    call.body ??= {};
  }

  #moved(call, path) {
    const repo = [...this.world.repos.values()].find((one) => one.former.has(path.toLowerCase()));
    if (!repo) refuse(404, 'Not Found');
    const rest = call.path.slice(`${this.prefix}/repos/${path}`.length);
    const url = this.shapes.api(`/repositories/${repo.id}${rest}`);
    refuse(call.method === 'GET' ? 301 : 307, call.method === 'GET' ? 'Moved Permanently' : 'Temporary Redirect', { url, headers: { location: url } });
  }

  refusal(error) {
    const { headers, ...details } = error.details;
    return reply(error.status, { message: error.message, ...details, documentation_url: 'https://docs.github.com/rest', status: String(error.status) }, headers);
  }

  state() {
    const by = (run) => ({ id: run.id, name: run.name, repo: run.repo.path, head_sha: run.head_sha, external_id: run.external_id, status: run.status, conclusion: run.conclusion, started_at: run.started_at,
      completed_at: run.completed_at, details_url: run.details_url, output: run.output, annotations: run.annotations, actions: run.actions, app_id: run.app_id, history: run.history });
    return {
      app: this.apps.size ? this.#told(this.app) : null, apps: [...this.apps.values()].map((app) => this.#told(app)),
      installations: [...this.installations.values()].map((one) => ({ ...one, account: one.account.login, repository_ids: [...one.repository_ids], repositories: this.reposOf(one).map((repo) => repo.path) })),
      tokens: [...this.tokens.values()].map(({ repository_ids, ...token }) => ({ ...token, repository_ids: repository_ids ? [...repository_ids] : null })),
      repos: [...this.world.repos.values()].map((repo) => ({ id: repo.id, path: repo.path, default_branch: repo.default_branch, clone_url: this.shapes.cloneUrl(repo), branches: Object.fromEntries(this.world.heads(repo)),
        pulls: [...repo.pulls.values()].map((pull) => ({ number: pull.number, head: pull.head, branch: pull.branch, from: pull.from.path, state: pull.state, draft: pull.draft })),
        hooks: [...repo.hooks.values()] })),
      check_runs: [...this.runs.values()].map(by),
      comments: [...this.comments.values()].map((one) => ({ id: one.id, repo: one.repo.path, number: one.number, body: one.body, by: one.by.login, app_id: one.app_id, history: one.history, deleted: one.deleted })),
      statuses: this.statuses.map((one) => ({ ...one, repo: one.repo.path, by: one.by.login })),
      deliveries: this.deliveries.told(),
    };
  }

  #told(app) { return { ...app, owner: app.owner.login }; }
}
