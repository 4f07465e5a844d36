// Webhook payloads as GitLab sends them: {event (the header's word), kind (what hooks subscribe to), payload, repo}.
import { refuse } from '../lib/answers.mjs';

const SHOWN = 20; // commits that a push tells, the newest
const utc = (iso) => iso.replace('T', ' ').replace('Z', ' UTC');

export class Events {
  constructor(forge) { this.forge = forge; }

  // {repo, branch | tag | ref, before?, after?, commits?, deleted?, by?, system?}; a tag is told as a tag push.
  push(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const pushed = world.push(repo, about);
    const tag = pushed.ref.startsWith('refs/tags/');
    const by = world.person(about.by ?? 'ada');
    const commits = tag ? (pushed.head ? [pushed.head] : []) : pushed.commits;
    const kind = tag ? 'tag_push' : 'push';
    return { event: about.system ? 'System Hook' : tag ? 'Tag Push Hook' : 'Push Hook', kind, repo, refs: about.refs_in_push ?? 1, payload: {
      object_kind: kind, event_name: kind, before: pushed.before, after: pushed.after, ref: pushed.ref, ref_protected: pushed.branch === repo.default_branch, checkout_sha: pushed.deleted ? null : pushed.after, message: tag ? about.message ?? null : null,
      user_id: by.id, user_name: by.name, user_username: by.login, user_email: '', user_avatar: shapes.hookUser(by).avatar_url, project_id: repo.id, project: shapes.hookProject(repo),
      commits: commits.slice(-SHOWN).map((commit) => shapes.hookCommit(repo, commit)), total_commits_count: commits.length, push_options: about.push_options ?? {}, repository: shapes.hookRepository(repo, { push: true }) } };
  }

  // {repo, number?, action: open | update | reopen | close | merge, branch, head, from? …}; update with another head has `oldrev`.
  pull_request(about) {
    const { world, shapes } = this.forge;
    const repo = world.repoAt(about.repo);
    const action = about.action ?? 'open';
    const state = { close: { state: 'closed' }, merge: { state: 'closed', merged: true }, reopen: { state: 'open', merged: false } }[action] ?? {};
    const was = about.number ? repo.pulls.get(about.number)?.head : undefined;
    const pull = world.pull(repo, { ...about, ...state });
    const by = world.person(about.by ?? pull.by.login);
    const commit = world.commit(pull.from, pull.head);
    const attributes = {
      assignee_id: null, author_id: pull.by.id, created_at: utc(pull.created_at), description: pull.body, draft: pull.draft, head_pipeline_id: null, id: pull.id, iid: pull.number, last_edited_at: null, last_edited_by_id: null, merge_commit_sha: null,
      merge_error: null, merge_params: { force_remove_source_branch: '0' }, merge_status: 'unchecked', merge_user_id: null, merge_when_pipeline_succeeds: false, milestone_id: null, source_branch: pull.branch, source_project_id: pull.from.id, state_id: 1,
      target_branch: pull.base, target_project_id: repo.id, time_estimate: 0, title: pull.title, updated_at: utc(pull.updated_at), updated_by_id: null, prepared_at: utc(pull.created_at), assignee_ids: [], blocking_discussions_resolved: true,
      detailed_merge_status: 'mergeable', first_contribution: pull.from !== repo, human_time_change: null, human_time_estimate: null, human_total_time_spent: null, labels: [], last_commit: shapes.hookCommit(pull.from, commit, { files: false }),
      reviewer_ids: [], source: pull.gone ? null : shapes.hookProject(pull.from), state: pull.merged ? 'merged' : pull.state === 'open' ? 'opened' : 'closed', target: shapes.hookProject(repo), time_change: 0, total_time_spent: 0,
      url: this.forge.link(`/${repo.path}/-/merge_requests/${pull.number}`), work_in_progress: pull.draft, action, ...(was && was !== pull.head ? { oldrev: was } : {}),
    };
    const changes = about.draft !== undefined && action === 'update' ? { draft: { previous: !pull.draft, current: pull.draft } } : action === 'update' ? { updated_at: { previous: utc(pull.created_at), current: utc(pull.updated_at) } } : {};
    return { event: 'Merge Request Hook', kind: 'merge_request', action, repo, payload: { object_kind: 'merge_request', event_type: 'merge_request', user: shapes.hookUser(by), project: shapes.hookProject(repo), object_attributes: attributes, labels: [], changes,
      repository: shapes.hookRepository(repo) } };
  }

  // {repo, branch | tag}: a push whose `after` is zeros.
  delete(about) { return this.push({ ...about, deleted: true }); }

  // {repo, action: "renamed" (to) | "transferred" (to) | "deleted"}: told by system hooks alone.
  repository(about) {
    const { world } = this.forge;
    const repo = world.repoAt(about.repo);
    const old = repo.path;
    const names = { renamed: 'project_rename', transferred: 'project_transfer', deleted: 'project_destroy' };
    const name = names[about.action] ?? refuse(422, `a repository is ${Object.keys(names).join(', ')}`);
    if (about.action !== 'deleted') world.move(repo, about.to ?? refuse(422, 'say "to", the new path'));
    else world.repos.delete(repo.id);
    const at = this.forge.clock.iso();
    return { event: 'System Hook', kind: 'system', repo, payload: { event_name: name, created_at: repo.created_at, updated_at: at, name: repo.name, path: repo.name, path_with_namespace: repo.path, project_id: repo.id, owner_name: repo.owner.name,
      owner_email: '', owners: [{ name: repo.owner.name, email: '' }], project_visibility: repo.private ? 'private' : 'public', ...(about.action === 'deleted' ? {} : { old_path_with_namespace: old }) } };
  }

  make(event, about) {
    if (!['push', 'pull_request', 'delete', 'repository'].includes(event)) refuse(422, `this fake sends no ${event}`);
    return this[event](about);
  }
}
