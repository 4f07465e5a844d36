// Webhook payloads as Gitea and Forgejo send them: {event, type (the finer word of X-Gitea-Event-Type), payload, repo}.
import { refuse } from '../lib/answers.mjs';

export class Events {
  constructor(forge) { this.forge = forge; }

  #sender(by) { return this.forge.shapes.user(this.forge.world.person(by ?? 'ada')); }

  // {repo, branch | tag | ref, before?, after?, commits?, deleted?, by?}. The newest few commits are told, first of all the newest.
  push(about) {
    const { world, shapes, settings } = this.forge;
    const repo = world.repoAt(about.repo);
    const pushed = world.push(repo, about);
    const sender = this.#sender(about.by);
    const commits = pushed.commits.slice(-settings.feed_max_commits).reverse().map((commit) => shapes.hookCommit(repo, commit));
    return { event: 'push', type: 'push', repo, payload: { ref: pushed.ref, before: pushed.before, after: pushed.after, compare_url: this.forge.link(`/${repo.path}/compare/${pushed.before}...${pushed.after}`), commits, total_commits: pushed.commits.length,
      head_commit: pushed.head ? shapes.hookCommit(repo, pushed.head) : null, repository: shapes.repository(repo), pusher: sender, sender } };
  }

  // {repo, number?, action: opened | synchronized | closed | reopened | edited, branch, head, from? …}.
  pull_request(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const action = about.action ?? 'opened';
    const state = { closed: { state: 'closed' }, reopened: { state: 'open', merged: false } }[action] ?? {};
    const pull = world.pull(repo, { ...about, ...state });
    const changes = action === 'edited' ? { changes: { title: { from: 'Before' } } } : {};
    return { event: 'pull_request', type: action === 'synchronized' ? 'pull_request_sync' : 'pull_request', action, repo, payload: { action, number: pull.number, ...changes, pull_request: shapes.pull(pull), requested_reviewer: null,
      repository: shapes.repository(repo), sender: this.#sender(about.by ?? pull.by.login), commit_id: '', review: null } };
  }

  #ref(about, event, more) {
    const repo = this.forge.world.repoAt(about.repo);
    const name = about.branch ?? about.tag ?? refuse(422, 'say which "branch" or "tag"');
    return { event, type: event, repo, payload: { ...more(repo, name), ref: name, ref_type: about.branch ? 'branch' : 'tag', repository: this.forge.shapes.repository(repo), sender: this.#sender(about.by) } };
  }

  create(about) { return this.#ref(about, 'create', (repo, name) => ({ sha: about.after ?? this.forge.world.heads(repo).get(name) ?? '' })); }

  delete(about) {
    return this.#ref(about, 'delete', (repo, name) => {
      if (about.branch) repo.heads.delete(name);
      repo.told.delete(`refs/${about.branch ? 'heads' : 'tags'}/${name}`);
      return { pusher_type: 'user' };
    });
  }

  // {repo, action: "created" | "deleted"}: what Gitea tells of repositories. A rename is told to nobody.
  repository(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    if (about.action === 'deleted') world.repos.delete(repo.id);
    return { event: 'repository', type: 'repository', action: about.action, repo, payload: { action: about.action ?? 'created', repository: shapes.repository(repo), organization: shapes.user(repo.owner), sender: this.#sender(about.by) } };
  }

  make(event, about) {
    if (!['push', 'pull_request', 'create', 'delete', 'repository'].includes(event)) refuse(422, `this fake sends no ${event}`);
    return this[event](about);
  }
}
