// What every forge has, without its words: people, repositories, branches, commits and pull requests.
import { createHash } from 'node:crypto';
import { refuse } from './answers.mjs';
import * as git from './git.mjs';

export const ZERO = '0'.repeat(40);
export const shaOf = (text) => createHash('sha1').update(text).digest('hex');
const isZero = (sha) => /^0+$/.test(sha);

export class World {
  constructor(clock) {
    this.clock = clock;
    this.people = new Map();
    this.repos = new Map(); // id → repository
    this.counters = new Map();
  }

  // Numbers of one kind, from `first` on: ids of this forge.
  next(kind, first = 1) {
    const value = this.counters.get(kind) ?? first;
    this.counters.set(kind, value + 1);
    return value;
  }

  person(login, type = 'User') {
    if (!this.people.has(login)) {
      const name = login.charAt(0).toUpperCase() + login.slice(1);
      this.people.set(login, { id: this.next('person', 101), login, type, name, email: `${login}@example.com` });
    }
    return this.people.get(login);
  }

  // `about`: {path, id?, private?, default_branch?, clone_url?, ssh_url?, git_dir?, fork_of?, branches?: {name: sha}}.
  addRepo(about) {
    const slash = about.path.lastIndexOf('/');
    const owner = this.person(about.path.slice(0, slash), about.owner_type ?? 'Organization');
    let id = about.id;
    while (!id || (this.repos.has(id) && !about.id)) id = this.next('repo', 4711);
    const repo = {
      id, owner, name: about.path.slice(slash + 1), path: about.path, private: about.private ?? true,
      default_branch: about.default_branch ?? 'main', clone_url: about.clone_url, ssh_url: about.ssh_url, git_dir: about.git_dir,
      fork_of: about.fork_of ? this.repoAt(about.fork_of) : null, created_at: this.clock.iso(), pushed_at: this.clock.iso(),
      former: new Set(), heads: new Map(), told: new Map(), commits: new Map(), pulls: new Map(), hooks: new Map(), number: 1,
    };
    this.repos.set(repo.id, repo);
    for (const [name, sha] of Object.entries(about.branches ?? {})) this.setHead(repo, name, sha);
    return repo;
  }

  find(path) {
    const wanted = String(path).toLowerCase();
    return [...this.repos.values()].find((repo) => repo.path.toLowerCase() === wanted) ?? null;
  }

  repoAt(path) { return this.find(path) ?? refuse(404, `no repository ${path}; there is ${[...this.repos.values()].map((r) => r.path).join(', ') || 'none'}`); }

  // Another name or another owner; the old path stays known, for redirects.
  move(repo, path) {
    repo.former.add(repo.path.toLowerCase());
    const slash = path.lastIndexOf('/');
    repo.owner = this.person(path.slice(0, slash), repo.owner.type);
    repo.name = path.slice(slash + 1);
    repo.path = path;
  }

  setHead(repo, branch, sha) {
    if (!repo.commits.has(sha)) this.addCommit(repo, { id: sha, message: `Commit ${sha.slice(0, 8)}` });
    repo.heads.set(branch, sha);
  }

  // Branch name → SHA, from the real repository where there is one.
  heads(repo) { return repo.git_dir ? new Map(Object.entries(git.heads(repo.git_dir))) : repo.heads; }

  addCommit(repo, about) {
    const who = about.author ?? { name: 'Ada Author', email: 'ada@example.com' };
    const commit = {
      sha: about.id ?? about.sha, tree: about.tree ?? shaOf(`tree ${about.id ?? about.sha}`), message: about.message ?? '', author: who,
      committer: about.committer ?? who, time: about.time ?? this.clock.iso(), parents: about.parents ?? [],
      added: about.added ?? [], removed: about.removed ?? [], modified: about.modified ?? [],
    };
    repo.commits.set(commit.sha, commit);
    return commit;
  }

  // The commit that a SHA, a branch or a full ref names, or null.
  commit(repo, ref) {
    const name = ref.replace(/^(refs\/)?heads\//, '');
    const sha = this.heads(repo).get(name) ?? ref;
    if (repo.git_dir) {
      const found = git.resolve(repo.git_dir, sha);
      if (found) return git.commitOf(repo.git_dir, found);
    }
    return repo.commits.get(sha) ?? null;
  }

  // A push, told: moves the branch and says what it brought. `about`: {branch | tag | ref, before?, after?, commits?, forced?}.
  // In a real repository the head stands already and what is left out comes from git.
  push(repo, about) {
    const ref = about.ref ?? (about.tag ? `refs/tags/${about.tag}` : `refs/heads/${about.branch ?? repo.default_branch}`);
    const branch = ref.startsWith('refs/heads/') ? ref.slice(11) : null;
    const before = about.before ?? repo.told.get(ref) ?? (branch && !repo.git_dir ? repo.heads.get(branch) : null) ?? ZERO;
    const listed = (about.commits ?? []).map((one, i) => ({ id: shaOf(`${repo.path} ${ref} ${before} ${i} ${one.message}`), ...one }));
    const after = about.after ?? (about.deleted ? ZERO : null) ?? listed.at(-1)?.id ?? (branch && repo.git_dir ? this.heads(repo).get(branch) : null) ??
      refuse(422, `which commit is pushed to ${ref}? Say "after" or "commits"`);
    let commits = listed.map((one) => this.addCommit(repo, one));
    if (!about.commits && repo.git_dir) commits = git.pushed(repo.git_dir, before, after, ref);
    if (!isZero(after) && !this.commit(repo, after)) commits.push(this.addCommit(repo, { id: after, message: about.message, author: about.author }));
    if (branch && !repo.git_dir) isZero(after) ? repo.heads.delete(branch) : repo.heads.set(branch, after);
    isZero(after) ? repo.told.delete(ref) : repo.told.set(ref, after);
    const forced = about.forced ?? (repo.git_dir && !isZero(before) && !isZero(after) ? !git.isAncestor(repo.git_dir, before, after) : false);
    repo.pushed_at = this.clock.iso();
    return { ref, branch, before, after, created: isZero(before), deleted: isZero(after), forced, commits, head: isZero(after) ? null : this.commit(repo, after) };
  }

  // Makes or changes a pull request: {number?, branch, head, base?, base_sha?, from? (path of a fork), title?, draft?, state?, merged?, by?}.
  pull(repo, about) {
    const number = about.number ?? repo.number;
    const known = repo.pulls.get(number);
    repo.number = Math.max(repo.number, number + 1);
    const from = about.from ? this.find(about.from) ?? this.addRepo({ path: about.from, fork_of: repo.path, private: false, owner_type: 'User', clone_url: about.from_clone_url }) : repo;
    const pull = known ?? {
      id: this.next('pull', 7001), number, repo, from, branch: about.branch ?? refuse(422, 'a new pull request needs "branch"'), title: 'A change', body: 'Please look.', draft: false, state: 'open',
      merged: false, by: this.person(about.by ?? (about.from ? from.owner.login : 'ada')), base: about.base ?? repo.default_branch,
      created_at: this.clock.iso(), gone: false, comments: [],
    };
    for (const key of ['title', 'body', 'draft', 'state', 'merged', 'branch', 'base', 'gone']) if (about[key] !== undefined) pull[key] = about[key];
    pull.before = pull.head;
    pull.head = about.head ?? pull.head ?? this.heads(from).get(pull.branch) ?? refuse(422, `the head of ${pull.branch} is not known: say "head"`);
    pull.base_sha = about.base_sha ?? pull.base_sha ?? this.heads(repo).get(pull.base) ?? ZERO;
    pull.updated_at = this.clock.iso();
    if (pull.state === 'closed') pull.closed_at ??= pull.updated_at;
    else pull.closed_at = null;
    if (!this.commit(from, pull.head)) this.addCommit(from, { id: pull.head, message: about.message ?? pull.title });
    repo.pulls.set(number, pull);
    return pull;
  }

  pullsOf(repo, sha) { return [...repo.pulls.values()].filter((pull) => pull.head === sha || this.heads(repo).get(pull.branch) === sha || pull.branch === sha); }
}
