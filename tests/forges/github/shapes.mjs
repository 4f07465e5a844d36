// GitHub's JSON for the things of the world: users, repositories, commits, pull requests. Webhooks and REST share these; where one
// has keys that the other has not, they are told apart by `rest`.
export class Shapes {
  // `link(path)` is the address of a page, `api(path)` of an API resource.
  constructor({ link, api }) {
    this.link = link;
    this.api = api;
  }

  node(kind, id) { return Buffer.from(`0${kind.length}:${kind}${id}`).toString('base64'); }

  user({ id, login, type = 'User' }) {
    const url = this.api(`/users/${encodeURIComponent(login)}`);
    return {
      login, id, node_id: this.node('User', id), avatar_url: this.link(`/avatars/u/${id}`), gravatar_id: '', url, html_url: this.link(`/${encodeURIComponent(login)}`),
      followers_url: `${url}/followers`, following_url: `${url}/following{/other_user}`, gists_url: `${url}/gists{/gist_id}`,
      starred_url: `${url}/starred{/owner}{/repo}`, subscriptions_url: `${url}/subscriptions`, organizations_url: `${url}/orgs`, repos_url: `${url}/repos`,
      events_url: `${url}/events{/privacy}`, received_events_url: `${url}/received_events`, type, site_admin: false,
    };
  }

  organization({ id, login }) {
    const url = this.api(`/orgs/${login}`);
    return {
      login, id, node_id: this.node('Organization', id), url, repos_url: `${url}/repos`, events_url: `${url}/events`, hooks_url: `${url}/hooks`,
      issues_url: `${url}/issues`, members_url: `${url}/members{/member}`, public_members_url: `${url}/public_members{/member}`,
      avatar_url: this.link(`/avatars/u/${id}`), description: '',
    };
  }

  #urls(path) {
    const url = this.api(`/repos/${path}`);
    const plain = { forks: 'forks', teams: 'teams', hooks: 'hooks', events: 'events', tags: 'tags', languages: 'languages', stargazers: 'stargazers',
      contributors: 'contributors', subscribers: 'subscribers', subscription: 'subscription', merges: 'merges', downloads: 'downloads', deployments: 'deployments' };
    const open = { keys: 'keys{/key_id}', collaborators: 'collaborators{/collaborator}', issue_events: 'issues/events{/number}', assignees: 'assignees{/user}',
      branches: 'branches{/branch}', blobs: 'git/blobs{/sha}', git_tags: 'git/tags{/sha}', git_refs: 'git/refs{/sha}', trees: 'git/trees{/sha}',
      statuses: 'statuses/{sha}', commits: 'commits{/sha}', git_commits: 'git/commits{/sha}', comments: 'comments{/number}',
      issue_comment: 'issues/comments{/number}', contents: 'contents/{+path}', compare: 'compare/{base}...{head}', archive: '{archive_format}{/ref}',
      issues: 'issues{/number}', pulls: 'pulls{/number}', milestones: 'milestones{/number}', notifications: 'notifications{?since,all,participating}',
      labels: 'labels{/name}', releases: 'releases{/id}' };
    return { url, ...Object.fromEntries(Object.entries({ ...plain, ...open }).map(([name, rest]) => [`${name}_url`, `${url}/${rest}`])) };
  }

  // What a clone takes: the address that the test gave, or one at this fake.
  cloneUrl(repo) { return repo.clone_url ?? this.link(`/${repo.path}.git`); }

  // What both have.
  #repository(repo) {
    const host = new URL(this.link('/')).host;
    return {
      id: repo.id, node_id: this.node('Repository', repo.id), name: repo.name, full_name: repo.path, private: repo.private, owner: this.user(repo.owner),
      html_url: this.link(`/${repo.path}`), description: null, fork: Boolean(repo.fork_of), ...this.#urls(repo.path), created_at: repo.created_at,
      updated_at: repo.pushed_at, pushed_at: repo.pushed_at, git_url: `git://${host}/${repo.path}.git`, ssh_url: repo.ssh_url ?? `git@${host}:${repo.path}.git`,
      clone_url: this.cloneUrl(repo), svn_url: this.link(`/${repo.path}`), homepage: null, size: 12, stargazers_count: 0, watchers_count: 0, language: 'TypeScript',
      has_issues: true, has_projects: true, has_downloads: true, has_wiki: true, has_pages: false, has_discussions: false, forks_count: 0, mirror_url: null,
      archived: false, disabled: false, open_issues_count: 0, license: null, allow_forking: true, is_template: false, web_commit_signoff_required: false,
      topics: [], visibility: repo.private ? 'private' : 'public', forks: 0, open_issues: 0, watchers: 0, default_branch: repo.default_branch,
    };
  }

  // In a webhook; a push has times in seconds and names the owner.
  hookRepository(repo, { push = false } = {}) {
    const told = { ...this.#repository(repo), custom_properties: {} };
    if (!push) return told;
    const seconds = (text) => Math.floor(Date.parse(text) / 1000);
    return { ...told, owner: { name: repo.owner.login, email: repo.owner.email, ...told.owner }, url: this.link(`/${repo.path}`), created_at: seconds(repo.created_at),
      pushed_at: seconds(repo.pushed_at), stargazers: 0, master_branch: repo.default_branch };
  }

  // In an answer; `full` of GET /repos/{owner}/{repo}.
  repository(repo, permissions) {
    return { ...this.#repository(repo), permissions: permissions ?? { admin: false, maintain: false, push: false, triage: false, pull: true },
      network_count: 0, subscribers_count: 0, ...(repo.fork_of ? { parent: this.#repository(repo.fork_of), source: this.#repository(repo.fork_of) } : {}) };
  }

  liteRepository({ id, name, path, private: hidden }) { return { id, node_id: this.node('Repository', id), name, full_name: path, private: hidden }; }

  app(app, { hook = false } = {}) {
    return {
      id: app.id, slug: app.slug, node_id: this.node('App', app.id), owner: this.user(app.owner), name: app.name, description: app.description ?? null,
      external_url: app.url ?? this.link('/'), html_url: this.link(`/apps/${app.slug}`), created_at: app.created_at, updated_at: app.created_at,
      permissions: app.permissions, events: app.events, ...(hook ? {} : { client_id: app.client_id }),
    };
  }

  installation(one, app, { hook = false } = {}) {
    const url = this.api(`/app/installations/${one.id}`);
    const seconds = (text) => Math.floor(Date.parse(text) / 1000);
    return {
      id: one.id, account: this.user(one.account), repository_selection: one.repository_selection, access_tokens_url: `${url}/access_tokens`,
      repositories_url: this.api('/installation/repositories'), html_url: this.link(`/organizations/${one.account.login}/settings/installations/${one.id}`),
      app_id: app.id, app_slug: app.slug, target_id: one.account.id, target_type: one.account.type, permissions: one.permissions, events: one.events,
      created_at: hook ? seconds(one.created_at) : one.created_at, updated_at: hook ? seconds(one.updated_at) : one.updated_at, single_file_name: null,
      has_multiple_single_files: false, single_file_paths: [], suspended_by: one.suspended_at ? this.user(one.account) : null, suspended_at: one.suspended_at,
    };
  }

  // One of a push's `commits`.
  hookCommit(repo, commit) {
    const person = ({ name, email }) => ({ name, email, username: email.split('@')[0] });
    return { id: commit.sha, tree_id: commit.tree, distinct: true, message: commit.message, timestamp: commit.time, url: this.link(`/${repo.path}/commit/${commit.sha}`),
      author: person(commit.author), committer: person(commit.committer), added: commit.added, removed: commit.removed, modified: commit.modified };
  }

  commit(repo, commit) {
    const url = this.api(`/repos/${repo.path}/commits/${commit.sha}`);
    const when = new Date(commit.time).toISOString().replace(/\.\d+Z$/, 'Z');
    const git = this.api(`/repos/${repo.path}/git`);
    return {
      url, sha: commit.sha, node_id: this.node('Commit', commit.sha), html_url: this.link(`/${repo.path}/commit/${commit.sha}`), comments_url: `${url}/comments`,
      commit: { url: `${git}/commits/${commit.sha}`, author: { ...commit.author, date: when }, committer: { ...commit.committer, date: when }, message: commit.message,
        tree: { sha: commit.tree, url: `${git}/trees/${commit.tree}` }, comment_count: 0, verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null } },
      author: null, committer: null,
      parents: commit.parents.map((sha) => ({ sha, url: this.api(`/repos/${repo.path}/commits/${sha}`), html_url: this.link(`/${repo.path}/commit/${sha}`) })),
    };
  }

  // A pull request: `of` is how a repository in it is told.
  pull(pull, { hook = false, full = false } = {}) {
    const { repo, from } = pull;
    const of = (one) => (hook ? this.hookRepository(one) : this.#repository(one));
    const url = this.api(`/repos/${repo.path}/pulls/${pull.number}`);
    const issue = this.api(`/repos/${repo.path}/issues/${pull.number}`);
    const html = this.link(`/${repo.path}/pull/${pull.number}`);
    const comments = `${issue}/comments`;
    const statuses = this.api(`/repos/${repo.path}/statuses/${pull.head}`);
    const review = this.api(`/repos/${repo.path}/pulls/comments{/number}`);
    const merged_at = pull.merged ? pull.closed_at : null;
    return {
      url, id: pull.id, node_id: this.node('PullRequest', pull.id), html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch`, issue_url: issue, number: pull.number,
      state: pull.state, locked: false, title: pull.title, user: this.user(pull.by), body: pull.body, created_at: pull.created_at, updated_at: pull.updated_at,
      closed_at: pull.closed_at, merged_at, merge_commit_sha: null, assignee: null, assignees: [], requested_reviewers: [], requested_teams: [], labels: [],
      milestone: null, draft: pull.draft, commits_url: `${url}/commits`, review_comments_url: `${url}/comments`, review_comment_url: review, comments_url: comments,
      statuses_url: statuses,
      head: { label: `${from.owner.login}:${pull.branch}`, ref: pull.branch, sha: pull.head, user: this.user(from.owner), repo: pull.gone ? null : of(from) },
      base: { label: `${repo.owner.login}:${pull.base}`, ref: pull.base, sha: pull.base_sha, user: this.user(repo.owner), repo: of(repo) },
      _links: Object.fromEntries(Object.entries({ self: url, html, issue, comments, review_comments: `${url}/comments`, review_comment: review, commits: `${url}/commits`, statuses })
        .map(([name, href]) => [name, { href }])),
      author_association: pull.from === repo ? 'MEMBER' : 'FIRST_TIME_CONTRIBUTOR', auto_merge: null, active_lock_reason: null,
      ...(hook || full ? { merged: pull.merged, mergeable: null, rebaseable: null, mergeable_state: 'unknown', merged_by: pull.merged ? this.user(pull.by) : null, comments: 0,
        review_comments: 0, maintainer_can_modify: false, commits: 1, additions: 1, deletions: 0, changed_files: 1 } : {}),
    };
  }

  checkRun(run, app, { hook = false } = {}) {
    const { repo } = run;
    const url = this.api(`/repos/${repo.path}/check-runs/${run.id}`);
    const suite = run.suite;
    const pulls = this.runPulls(run);
    const told = {
      id: run.id, name: run.name, node_id: this.node('CheckRun', run.id), head_sha: run.head_sha, external_id: run.external_id ?? '', url, html_url: this.link(`/${repo.path}/runs/${run.id}`),
      details_url: run.details_url ?? this.link('/'), status: run.status, conclusion: run.conclusion, started_at: run.started_at, completed_at: run.completed_at,
      output: { title: run.output?.title ?? null, summary: run.output?.summary ?? null, text: run.output?.text ?? null, annotations_count: run.annotations.length,
        annotations_url: `${url}/annotations` },
      check_suite: { id: suite.id }, app: this.app(app, { hook }), pull_requests: pulls,
    };
    return hook ? { ...told, check_suite: this.suite(suite, app, pulls) } : told;
  }

  runPulls(run) {
    const at = (repo, ref, sha) => ({ ref, sha, repo: { id: repo.id, url: this.api(`/repos/${repo.path}`), name: repo.name } });
    return [...run.repo.pulls.values()].filter((pull) => pull.head === run.head_sha && pull.from === run.repo && pull.state === 'open').map((pull) => ({
      url: this.api(`/repos/${run.repo.path}/pulls/${pull.number}`), id: pull.id, number: pull.number, head: at(pull.from, pull.branch, pull.head), base: at(pull.repo, pull.base, pull.base_sha) }));
  }

  // In check_run.check_suite; check_suite events have more.
  suite(suite, app, pulls) {
    return { id: suite.id, node_id: this.node('CheckSuite', suite.id), head_branch: suite.head_branch, head_sha: suite.head_sha, status: suite.status, conclusion: suite.conclusion,
      url: this.api(`/repos/${suite.repo.path}/check-suites/${suite.id}`), before: suite.before, after: suite.head_sha, pull_requests: pulls, app: this.app(app, { hook: true }),
      created_at: suite.created_at, updated_at: suite.updated_at };
  }
}
