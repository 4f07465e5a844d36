// Webhook payloads as Bitbucket Data Center sends them: {event (the event key), payload, repo}.
import { refuse } from '../lib/answers.mjs';

export class Events {
  constructor(forge) { this.forge = forge; }

  #around(eventKey, by) { return { eventKey, date: this.forge.clock.iso().replace('Z', '+0000'), actor: this.forge.shapes.person(this.forge.world.person(by ?? 'ada')) }; }

  // {repo, branch | tag | ref, …} or {repo, pushes: [each of these]}: one push may move many refs. No hook tells whether it was forced.
  push(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const pushes = (about.pushes ?? [about]).map((one) => world.push(repo, one));
    const changes = pushes.map((pushed) => ({ ref: { id: pushed.ref, displayId: pushed.ref.split('/').slice(2).join('/'), type: pushed.branch === null ? 'TAG' : 'BRANCH' }, refId: pushed.ref, fromHash: pushed.before, toHash: pushed.after,
      type: pushed.created ? 'ADD' : pushed.deleted ? 'DELETE' : 'UPDATE' }));
    const [first] = pushes;
    const told = pushes.length === 1 && !first.deleted ? { commits: [...first.commits].reverse().map((commit) => shapes.commit(commit)), ...(first.head ? { toCommit: shapes.commit(first.head) } : {}) } : {};
    return { event: 'repo:refs_changed', repo, payload: { ...this.#around('repo:refs_changed', about.by), repository: shapes.repository(repo), changes, ...told } };
  }

  // {repo, number?, action: opened | from_ref_updated | modified | merged | declined | deleted, branch, head, from? …}.
  pull_request(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const action = about.action ?? 'opened';
    const state = { merged: { state: 'closed', merged: true }, declined: { state: 'closed' }, deleted: { state: 'closed' } }[action] ?? {};
    const pull = world.pull(repo, { ...about, ...state });
    const extra = { from_ref_updated: { previousFromHash: pull.before ?? pull.head }, modified: { previousTitle: 'Before', previousDescription: null, previousTarget: shapes.pull(pull).toRef } }[action] ?? {};
    return { event: `pr:${action}`, action, repo, payload: { ...this.#around(`pr:${action}`, about.by ?? pull.by.login), pullRequest: shapes.pull(pull), ...extra } };
  }

  delete(about) { return this.push({ ...about, deleted: true }); }

  // {repo, action: "renamed" | "transferred" (to: the new path)}. A deletion is told to nobody.
  repository(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const old = shapes.repository(repo);
    world.move(repo, about.to ?? refuse(422, 'say "to", the new path'));
    return { event: 'repo:modified', repo, payload: { ...this.#around('repo:modified', about.by), old, new: shapes.repository(repo) } };
  }

  // The "Test connection" button: its body names no repository.
  ping(about) { return { event: 'diagnostics:ping', repo: this.forge.world.repoAt(about.repo), payload: { test: true } }; }

  make(event, about) {
    if (!['push', 'pull_request', 'delete', 'repository', 'ping'].includes(event)) refuse(422, `this fake sends no ${event}`);
    return this[event](about);
  }
}
