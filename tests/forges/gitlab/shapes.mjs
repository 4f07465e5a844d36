// GitLab's JSON for the things of the world.
export class Shapes {
  constructor(forge) { this.forge = forge; }

  sshUrl(repo) { return repo.ssh_url ?? `git@${new URL(this.forge.link('/')).hostname}:${repo.path}.git`; }

  cloneUrl(repo) { return repo.clone_url ?? this.forge.link(`/${repo.path}.git`); }

  hookProject(repo) {
    const web = this.forge.link(`/${repo.path}`);
    return { id: repo.id, name: repo.name, description: '', web_url: web, avatar_url: null, git_ssh_url: this.sshUrl(repo), git_http_url: this.cloneUrl(repo), namespace: repo.owner.name, visibility_level: repo.private ? 0 : 20,
      path_with_namespace: repo.path, default_branch: repo.default_branch, ci_config_path: null, homepage: web, url: this.sshUrl(repo), ssh_url: this.sshUrl(repo), http_url: this.cloneUrl(repo) };
  }

  hookRepository(repo, { push = false } = {}) {
    return { name: repo.name, url: this.sshUrl(repo), description: '', homepage: this.forge.link(`/${repo.path}`),
      ...(push ? { git_http_url: this.cloneUrl(repo), git_ssh_url: this.sshUrl(repo), visibility_level: repo.private ? 0 : 20 } : {}) };
  }

  hookUser(person) { return { id: person.id, name: person.name, username: person.login, avatar_url: this.forge.link(`/uploads/-/avatar/${person.id}.png`), email: '[REDACTED]' }; }

  title(message) { return message.split('\n')[0]; }

  hookCommit(repo, commit, { files = true } = {}) {
    return { id: commit.sha, message: commit.message, title: this.title(commit.message), timestamp: commit.time, url: this.forge.link(`/${repo.path}/-/commit/${commit.sha}`), author: commit.author,
      ...(files ? { added: commit.added, modified: commit.modified, removed: commit.removed } : {}) };
  }

  user(person) {
    return { id: person.id, username: person.login, public_email: '', name: person.name, state: 'active', locked: false, avatar_url: this.forge.link(`/uploads/-/avatar/${person.id}.png`), web_url: this.forge.link(`/${person.login}`) };
  }

  commit(repo, commit) {
    return { id: commit.sha, short_id: commit.sha.slice(0, 8), created_at: commit.time, parent_ids: commit.parents, title: this.title(commit.message), message: commit.message, author_name: commit.author.name, author_email: commit.author.email,
      authored_date: commit.time, committer_name: commit.committer.name, committer_email: commit.committer.email, committed_date: commit.time, trailers: {}, extended_trailers: {}, web_url: this.forge.link(`/${repo.path}/-/commit/${commit.sha}`) };
  }

  project(repo) {
    const web = this.forge.link(`/${repo.path}`);
    const group = repo.path.slice(0, repo.path.lastIndexOf('/'));
    return { id: repo.id, description: null, name: repo.name, name_with_namespace: `${group.replaceAll('/', ' / ')} / ${repo.name}`, path: repo.name, path_with_namespace: repo.path, created_at: repo.created_at, default_branch: repo.default_branch,
      tag_list: [], topics: [], ssh_url_to_repo: this.sshUrl(repo), http_url_to_repo: this.cloneUrl(repo), web_url: web, readme_url: null, forks_count: 0, avatar_url: null, star_count: 0, last_activity_at: repo.pushed_at,
      namespace: { id: repo.owner.id, name: repo.owner.name, path: group.split('/').at(-1), kind: 'group', full_path: group, parent_id: null, avatar_url: null, web_url: this.forge.link(`/groups/${group}`) },
      empty_repo: false, archived: false, visibility: repo.private ? 'private' : 'public', creator_id: 101, open_issues_count: 0, ci_config_path: null, permissions: { project_access: { access_level: 40, notification_level: 3 }, group_access: null },
      ...(repo.fork_of ? { forked_from_project: { id: repo.fork_of.id, path_with_namespace: repo.fork_of.path } } : {}) };
  }

  mergeRequest(pull) {
    const web = this.forge.link(`/${pull.repo.path}/-/merge_requests/${pull.number}`);
    return { id: pull.id, iid: pull.number, project_id: pull.repo.id, title: pull.title, description: pull.body, state: pull.merged ? 'merged' : pull.state === 'open' ? 'opened' : 'closed', created_at: pull.created_at, updated_at: pull.updated_at,
      merged_by: null, merge_user: null, merged_at: null, closed_by: null, closed_at: pull.closed_at, target_branch: pull.base, source_branch: pull.branch, user_notes_count: 0, upvotes: 0, downvotes: 0, author: this.user(pull.by), assignees: [],
      assignee: null, reviewers: [], source_project_id: pull.from.id, target_project_id: pull.repo.id, labels: [], draft: pull.draft, work_in_progress: pull.draft, milestone: null, merge_when_pipeline_succeeds: false, merge_status: 'can_be_merged',
      detailed_merge_status: 'mergeable', sha: pull.head, merge_commit_sha: null, squash_commit_sha: null, discussion_locked: null, should_remove_source_branch: null, force_remove_source_branch: false, reference: `!${pull.number}`,
      references: { short: `!${pull.number}`, relative: `!${pull.number}`, full: `${pull.repo.path}!${pull.number}` }, web_url: web, squash: false, has_conflicts: false, blocking_discussions_resolved: true,
      time_stats: { time_estimate: 0, total_time_spent: 0, human_time_estimate: null, human_total_time_spent: null }, task_completion_status: { count: 0, completed_count: 0 } };
  }
}
