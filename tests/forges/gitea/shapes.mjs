// Gitea's and Forgejo's JSON for the things of the world.
export class Shapes {
  constructor(forge) { this.forge = forge; }

  user(person) {
    return { id: person.id, login: person.login, login_name: '', source_id: 0, full_name: person.name, email: person.email, avatar_url: this.forge.link(`/avatars/${person.id}`), html_url: this.forge.link(`/${person.login}`), language: '', is_admin: false,
      last_login: '0001-01-01T00:00:00Z', created: '2026-01-01T00:00:00Z', restricted: false, active: true, prohibit_login: false, location: '', website: '', description: '', visibility: 'public', followers_count: 0, following_count: 0,
      starred_repos_count: 0, username: person.login };
  }

  cloneUrl(repo) { return repo.clone_url ?? this.forge.link(`/${repo.path}.git`); }

  repository(repo) {
    const web = this.forge.link(`/${repo.path}`);
    return { id: repo.id, owner: this.user(repo.owner), name: repo.name, full_name: repo.path, description: '', empty: false, private: repo.private, fork: Boolean(repo.fork_of), template: false, parent: repo.fork_of ? this.repository(repo.fork_of) : null,
      mirror: false, size: 24, language: '', languages_url: this.forge.api(`/repos/${repo.path}/languages`), html_url: web, url: this.forge.api(`/repos/${repo.path}`), link: '', ssh_url: repo.ssh_url ?? `git@${new URL(web).hostname}:${repo.path}.git`,
      clone_url: this.cloneUrl(repo), original_url: '', website: '', stars_count: 0, forks_count: 0, watchers_count: 1, open_issues_count: 0, open_pr_counter: 0, release_counter: 0, default_branch: repo.default_branch, archived: false,
      created_at: repo.created_at, updated_at: repo.pushed_at, archived_at: '1970-01-01T00:00:00Z', permissions: { admin: true, push: true, pull: true }, has_issues: true, internal_tracker: { enable_time_tracker: true,
        allow_only_contributors_to_track_time: true, enable_issue_dependencies: true }, has_wiki: true, has_pull_requests: true, has_projects: true, has_releases: true, has_packages: true, has_actions: false, ignore_whitespace_conflicts: false,
      allow_merge_commits: true, allow_rebase: true, allow_rebase_explicit: true, allow_squash_merge: true, allow_fast_forward_only_merge: true, allow_rebase_update: true, default_delete_branch_after_merge: false, default_merge_style: 'merge',
      default_allow_maintainer_edit: false, avatar_url: '', internal: false, mirror_interval: '', object_format_name: 'sha1', mirror_updated: '0001-01-01T00:00:00Z', topics: [], licenses: null };
  }

  hookCommit(repo, commit) {
    const person = ({ name, email }) => ({ name, email, username: email.split('@')[0] });
    return { id: commit.sha, message: `${commit.message}\n`, url: this.forge.link(`/${repo.path}/commit/${commit.sha}`), author: person(commit.author), committer: person(commit.committer), verification: null, timestamp: commit.time,
      added: commit.added, removed: commit.removed, modified: commit.modified };
  }

  commit(repo, commit) {
    const url = this.forge.api(`/repos/${repo.path}/git/commits/${commit.sha}`);
    const who = (person) => ({ ...person, date: commit.time });
    return { url, sha: commit.sha, created: commit.time, html_url: this.forge.link(`/${repo.path}/commit/${commit.sha}`), commit: { url, author: who(commit.author), committer: who(commit.committer), message: commit.message,
      tree: { url: this.forge.api(`/repos/${repo.path}/git/trees/${commit.tree}`), sha: commit.tree, created: commit.time }, verification: null }, author: null, committer: null,
    parents: commit.parents.map((sha) => ({ url: this.forge.api(`/repos/${repo.path}/git/commits/${sha}`), sha, created: '0001-01-01T00:00:00Z' })), files: null, stats: null };
  }

  branch(repo, name, commit) {
    return { name, commit: this.hookCommit(repo, commit), protected: false, required_approvals: 0, enable_status_check: false, status_check_contexts: [], user_can_push: true, user_can_merge: true, effective_branch_protection_name: '' };
  }

  pull(pull) {
    const { repo, from } = pull;
    const web = this.forge.link(`/${repo.path}/pulls/${pull.number}`);
    const side = (one, ref, sha) => ({ label: one === repo ? ref : `${one.owner.login}:${ref}`, ref, sha, repo_id: one.id, repo: pull.gone && one !== repo ? null : this.repository(one) });
    return { id: pull.id, url: web, number: pull.number, user: this.user(pull.by), title: pull.title, body: pull.body, labels: [], milestone: null, assignee: null, assignees: null, requested_reviewers: null, requested_reviewers_teams: null,
      state: pull.state, draft: pull.draft, is_locked: false, comments: 0, review_comments: 0, additions: 1, deletions: 0, changed_files: 1, html_url: web, diff_url: `${web}.diff`, patch_url: `${web}.patch`, mergeable: true, merged: pull.merged,
      merged_at: pull.merged ? pull.closed_at : null, merge_commit_sha: null, merged_by: pull.merged ? this.user(pull.by) : null, allow_maintainer_edit: false, base: side(repo, pull.base, pull.base_sha), head: side(from, pull.branch, pull.head),
      merge_base: pull.base_sha, due_date: null, created_at: pull.created_at, updated_at: pull.updated_at, closed_at: pull.closed_at, pin_order: 0 };
  }
}
