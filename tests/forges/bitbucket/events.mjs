// Webhook payloads as Bitbucket Cloud sends them: {event (the event key), payload, repo}.
import { refuse } from '../lib/answers.mjs';

const SHOWN = 5; // commits of one change

export class Events {
  constructor(forge) { this.forge = forge; }

  #around(repo, by) { return { actor: this.forge.shapes.person(this.forge.world.person(by ?? 'ada')), repository: this.forge.shapes.hookRepository(repo) }; }

  // {repo, branch | tag | ref, …} or {repo, pushes: [each of these]}: one push may move many refs.
  push(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const changes = (about.pushes ?? [about]).map((one) => {
      const pushed = world.push(repo, one);
      const kind = pushed.branch === null ? 'tag' : 'branch';
      const name = pushed.ref.split('/').slice(2).join('/');
      const at = (sha) => shapes.ref(repo, kind, name, world.commit(repo, sha) ?? world.addCommit(repo, { id: sha, message: 'Before' }));
      const commits = pushed.commits.slice(-SHOWN).reverse().map((commit) => shapes.commit(repo, commit));
      return { old: pushed.created ? null : at(pushed.before), new: pushed.deleted ? null : at(pushed.after), truncated: pushed.commits.length > SHOWN, created: pushed.created, forced: pushed.forced, closed: pushed.deleted,
        links: pushed.deleted ? {} : { commits: { href: this.forge.api(`/repositories/${repo.path}/commits?include=${pushed.after}`) } }, ...(pushed.deleted ? {} : { commits }) };
    });
    return { event: 'repo:push', repo, payload: { push: { changes }, ...this.#around(repo, about.by) } };
  }

  // {repo, number?, action: created | updated | fulfilled | rejected, branch, head, from? …}.
  pull_request(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const action = about.action ?? 'created';
    const state = { fulfilled: { state: 'closed', merged: true }, rejected: { state: 'closed' } }[action] ?? {};
    const pull = world.pull(repo, { ...about, ...state });
    return { event: `pullrequest:${action}`, action, repo, payload: { ...this.#around(repo, about.by ?? pull.by.login), pullrequest: shapes.pull(pull) } };
  }

  delete(about) { return this.push({ ...about, deleted: true }); }

  // {repo, action: "renamed" | "transferred" (to: the new path) | "deleted"}.
  repository(about) {
    const { world } = this.forge;
    const repo = world.repoAt(about.repo);
    const old = { path: repo.path, name: repo.name };
    if (about.action === 'deleted') {
      world.repos.delete(repo.id);
      return { event: 'repo:deleted', repo, payload: this.#around(repo, about.by) };
    }
    world.move(repo, about.to ?? refuse(422, 'say "to", the new path'));
    const changes = { name: { old: old.name, new: repo.name }, full_name: { old: old.path, new: repo.path }, links: { old: { html: { href: this.forge.link(`/${old.path}`) } }, new: { html: { href: this.forge.link(`/${repo.path}`) } } } };
    return about.action === 'transferred' ? { event: 'repo:transfer', repo, payload: { ...this.#around(repo, about.by), previous_workspace: { type: 'workspace', slug: old.path.split('/')[0] } } }
      : { event: 'repo:updated', repo, payload: { ...this.#around(repo, about.by), changes } };
  }

  make(event, about) {
    if (!['push', 'pull_request', 'delete', 'repository'].includes(event)) refuse(422, `this fake sends no ${event}`);
    return this[event](about);
  }
}
