// Webhook payloads as GitHub sends them. Each function takes what a test says (see README.md) and returns {event, payload}.
import { refuse } from '../lib/answers.mjs';

// `forge` has: world, shapes, clock, app, installationOf(repo), suiteOf(repo, sha, app), runs.
export class Events {
  constructor(forge) { this.forge = forge; }

  // What every repository event ends with.
  #around(repo, by) {
    const { shapes, world } = this.forge;
    const installation = this.forge.installationOf(repo);
    return {
      repository: shapes.hookRepository(repo), ...(repo.owner.type === 'Organization' ? { organization: shapes.organization(repo.owner) } : {}), sender: shapes.user(world.person(by ?? 'ada')),
      ...(installation ? { installation: { id: installation.id, node_id: shapes.node('IntegrationInstallation', installation.id) } } : {}),
    };
  }

  push(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const pushed = world.push(repo, about);
    const by = world.person(about.by ?? 'ada');
    const listed = pushed.commits.slice(-2048).map((commit) => shapes.hookCommit(repo, commit));
    return { event: 'push', payload: {
      ref: pushed.ref, before: pushed.before, after: pushed.after, ...this.#around(repo, about.by), repository: shapes.hookRepository(repo, { push: true }),
      pusher: { name: by.login, email: by.email }, created: pushed.created, deleted: pushed.deleted, forced: pushed.forced, base_ref: about.base_ref ?? null,
      compare: shapes.link(`/${repo.path}/compare/${pushed.before.slice(0, 12)}...${pushed.after.slice(0, 12)}`), commits: about.commits_left_out ? [] : listed,
      head_commit: pushed.head ? shapes.hookCommit(repo, pushed.head) : null,
    } };
  }

  pull_request(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const action = about.action ?? 'opened';
    const state = { closed: { state: 'closed' }, reopened: { state: 'open' }, converted_to_draft: { draft: true }, ready_for_review: { draft: false } }[action] ?? {};
    const pull = world.pull(repo, { ...about, ...state });
    const extra = { synchronize: { before: pull.before ?? pull.head, after: pull.head }, edited: { changes: about.changes ?? { title: { from: 'Before' } } } }[action] ?? {};
    return { event: 'pull_request', payload: { action, number: pull.number, ...extra, pull_request: shapes.pull(pull, { hook: true }), ...this.#around(repo, about.by ?? pull.by.login) } };
  }

  // A branch or a tag is gone; GitHub sends a push with `deleted` besides.
  delete(about) {
    const repo = this.forge.world.repoAt(about.repo);
    const name = about.branch ?? about.tag ?? refuse(422, 'say which "branch" or "tag" is deleted');
    if (about.branch) repo.heads.delete(name);
    repo.told.delete(about.branch ? `refs/heads/${name}` : `refs/tags/${name}`);
    return { event: 'delete', payload: { ref: name, ref_type: about.branch ? 'branch' : 'tag', pusher_type: 'user', ...this.#around(repo, about.by) } };
  }

  create(about) {
    const repo = this.forge.world.repoAt(about.repo);
    return { event: 'create', payload: { ref: about.branch ?? about.tag, ref_type: about.branch ? 'branch' : 'tag', master_branch: repo.default_branch, description: null, pusher_type: 'user',
      ...this.#around(repo, about.by) } };
  }

  // {run_id, action?: "rerequested" | "requested_action", identifier?}. The run itself stays as it was, as GitHub leaves it.
  check_run(about) {
    const { shapes } = this.forge;
    const run = this.forge.runs.get(Number(about.run_id)) ?? refuse(404, `no check run ${about.run_id}`);
    const action = about.action ?? 'rerequested';
    const app = this.forge.appOf(run.app_id);
    const told = shapes.checkRun(run, app, { hook: true });
    if (action === 'rerequested') told.check_suite = { ...told.check_suite, status: 'completed', conclusion: told.check_suite.conclusion ?? 'neutral' };
    return { event: 'check_run', payload: { action, check_run: told, ...(action === 'requested_action' ? { requested_action: { identifier: about.identifier ?? refuse(422, 'say the "identifier"') } } : {}),
      ...this.#around(run.repo, about.by) } };
  }

  // {repo, sha, action?: "rerequested" | "requested"}.
  check_suite(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const commit = world.commit(repo, about.sha) ?? refuse(404, `no commit ${about.sha}`);
    const app = this.forge.app;
    const suite = this.forge.suiteOf(repo, commit.sha, app.id);
    const runs = [...this.forge.runs.values()].filter((run) => run.suite === suite);
    const pulls = shapes.runPulls({ repo, head_sha: commit.sha });
    const action = about.action ?? 'rerequested';
    const told = { ...shapes.suite(suite, app, pulls), latest_check_runs_count: runs.length, check_runs_url: shapes.api(`/repos/${repo.path}/check-suites/${suite.id}/check-runs`),
      head_commit: { id: commit.sha, tree_id: commit.tree, message: commit.message, timestamp: commit.time, author: commit.author, committer: commit.committer } };
    if (action === 'rerequested') Object.assign(told, { status: 'queued', conclusion: null });
    return { event: 'check_suite', payload: { action, check_suite: told, ...this.#around(repo, about.by) } };
  }

  // {id, action: "created" | "deleted" | "suspend" | "unsuspend" | "new_permissions_accepted"}.
  installation(about) {
    const { shapes, world, clock } = this.forge;
    const one = this.forge.installations.get(Number(about.id)) ?? refuse(404, `no installation ${about.id}`);
    if (about.action === 'suspend') one.suspended_at = clock.iso();
    if (about.action === 'unsuspend') one.suspended_at = null;
    if (about.permissions) one.permissions = about.permissions;
    const app = this.forge.appOf(one.app_id);
    const payload = { action: about.action ?? 'created', installation: shapes.installation(one, app, { hook: true }),
      repositories: this.forge.reposOf(one).map((repo) => shapes.liteRepository(repo)), sender: shapes.user(world.person(about.by ?? 'ada')) };
    if (about.action === 'deleted') this.forge.installations.delete(one.id);
    return { event: 'installation', payload };
  }

  // {id, added?: [path], removed?: [path]}.
  installation_repositories(about) {
    const { shapes, world } = this.forge;
    const one = this.forge.installations.get(Number(about.id)) ?? refuse(404, `no installation ${about.id}`);
    const added = (about.added ?? []).map((path) => world.repoAt(path));
    const removed = (about.removed ?? []).map((path) => world.repoAt(path));
    for (const repo of added) one.repository_ids.add(repo.id);
    for (const repo of removed) one.repository_ids.delete(repo.id);
    const told = (list) => list.map((repo) => shapes.liteRepository(repo));
    return { event: 'installation_repositories', payload: { action: removed.length ? 'removed' : 'added', installation: shapes.installation(one, this.forge.appOf(one.app_id), { hook: true }),
      repository_selection: one.repository_selection, repositories_added: told(added), repositories_removed: told(removed), requester: null, sender: shapes.user(world.person(about.by ?? 'ada')) } };
  }

  // {repo, action: "renamed" (to) | "transferred" (to_owner) | "deleted" | "edited" (default_branch)}.
  repository(about) {
    const { shapes, world } = this.forge;
    const repo = world.repoAt(about.repo);
    const before = { name: repo.name, owner: repo.owner, default_branch: repo.default_branch };
    if (about.action === 'renamed') world.move(repo, `${repo.owner.login}/${about.to ?? refuse(422, 'say what it is renamed "to"')}`);
    if (about.action === 'transferred') world.move(repo, `${about.to_owner ?? refuse(422, 'say "to_owner"')}/${repo.name}`);
    if (about.action === 'edited') repo.default_branch = about.default_branch ?? repo.default_branch;
    const changes = { renamed: { repository: { name: { from: before.name } } }, transferred: { owner: { from: { user: shapes.user(before.owner) } } },
      edited: { default_branch: { from: before.default_branch } } }[about.action];
    const payload = { action: about.action, ...(changes ? { changes } : {}), ...this.#around(repo, about.by) };
    if (about.action === 'deleted') this.forge.dropRepo(repo);
    return { event: 'repository', payload };
  }

  ping() {
    const { shapes, app, clock } = this.forge;
    const url = shapes.api('/app/hook');
    return { event: 'ping', payload: { zen: 'Keep it logically awesome.', hook_id: app.hook_id, hook: { type: 'App', id: app.hook_id, name: 'web', active: true, app_id: app.id, events: app.events,
      config: { content_type: app.hook.content_type, insecure_ssl: '0', secret: '********', url: app.hook.url ?? shapes.link('/nowhere') }, updated_at: clock.iso(), created_at: app.created_at, url,
      ping_url: `${url}/pings`, deliveries_url: `${url}/deliveries` } } };
  }

  github_app_authorization(about) { return { event: 'github_app_authorization', payload: { action: 'revoked', sender: this.forge.shapes.user(this.forge.world.person(about.by ?? 'ada')) } }; }

  make(event, about) {
    if (!['push', 'pull_request', 'delete', 'create', 'check_run', 'check_suite', 'installation', 'installation_repositories', 'repository', 'ping', 'github_app_authorization'].includes(event)) {
      refuse(422, `this fake sends no ${event}`);
    }
    return this[event](about);
  }
}
