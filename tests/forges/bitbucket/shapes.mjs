// Bitbucket Cloud's JSON for the things of the world.
import { shaOf } from '../lib/world.mjs';

// The same id for the same thing, in the braces that Bitbucket puts around it.
export function uuidOf(text) {
  const hex = shaOf(text);
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}}`;
}

const href = (url) => ({ href: url });
const micro = (iso) => iso.replace('Z', '.000000+00:00');

export class Shapes {
  constructor(forge) { this.forge = forge; }

  person(person) {
    const uuid = uuidOf(`person ${person.login}`);
    const at = encodeURIComponent(uuid);
    return { display_name: person.name, links: { self: href(this.forge.api(`/users/${at}`)), avatar: href(this.forge.link(`/avatars/${person.id}`)), html: href(this.forge.link(`/${at}/`)) }, type: person.type === 'Organization' ? 'team' : 'user', uuid,
      account_id: `557058:${uuid.slice(1, -1)}`, nickname: person.login };
  }

  briefRepository(repo) {
    return { type: 'repository', full_name: repo.path, links: { self: href(this.forge.api(`/repositories/${repo.path}`)), html: href(this.forge.link(`/${repo.path}`)), avatar: href(this.forge.link(`/ravatar/${repo.id}`)) }, name: repo.name,
      uuid: uuidOf(`repository ${repo.id}`) };
  }

  #workspace(person) {
    const slug = person.login;
    return { type: 'workspace', uuid: uuidOf(`workspace ${slug}`), name: person.name, slug, links: { avatar: href(this.forge.link(`/workspaces/${slug}/avatar/`)), html: href(this.forge.link(`/${slug}/`)), self: href(this.forge.api(`/workspaces/${slug}`)) } };
  }

  hookRepository(repo) {
    return { ...this.briefRepository(repo), scm: 'git', website: null, owner: this.person(repo.owner), workspace: this.#workspace(repo.owner), is_private: repo.private, project: { type: 'project', key: 'MAIN', uuid: uuidOf(`project ${repo.owner.login}`), name: 'Main',
      links: { self: href(this.forge.api(`/workspaces/${repo.owner.login}/projects/MAIN`)), html: href(this.forge.link(`/${repo.owner.login}/workspace/projects/MAIN`)) } }, parent: repo.fork_of ? this.briefRepository(repo.fork_of) : null };
  }

  cloneUrl(repo) { return repo.clone_url ?? this.forge.link(`/${repo.path}.git`); }

  repository(repo) {
    const told = this.hookRepository(repo);
    const clone = [{ name: 'https', href: this.cloneUrl(repo) }, { name: 'ssh', href: repo.ssh_url ?? `git@${new URL(this.forge.link('/')).hostname}:${repo.path}.git` }];
    return { ...told, links: { ...told.links, clone, hooks: href(this.forge.api(`/repositories/${repo.path}/hooks`)) }, slug: repo.name, description: '', language: '', has_issues: false, has_wiki: false, size: 2048, fork_policy: 'allow_forks',
      created_on: micro(repo.created_at), updated_on: micro(repo.pushed_at), mainbranch: { name: repo.default_branch, type: 'branch' }, override_settings: {} };
  }

  #briefCommit(repo, sha) {
    return { type: 'commit', hash: sha, links: { self: href(this.forge.api(`/repositories/${repo.path}/commit/${sha}`)), html: href(this.forge.link(`/${repo.path}/commits/${sha}`)) } };
  }

  commit(repo, commit) {
    const message = `${commit.message}\n`;
    return { ...this.#briefCommit(repo, commit.sha), date: commit.time.replace('Z', '+00:00'), author: { type: 'author', raw: `${commit.author.name} <${commit.author.email}>` }, message,
      summary: { type: 'rendered', raw: message, markup: 'markdown', html: '' }, parents: commit.parents.map((sha) => this.#briefCommit(repo, sha)), rendered: {}, properties: {} };
  }

  ref(repo, kind, name, commit) {
    const base = `/repositories/${repo.path}`;
    return { name, target: this.commit(repo, commit), links: { self: href(this.forge.api(`${base}/refs/${kind === 'branch' ? 'branches' : 'tags'}/${name}`)), commits: href(this.forge.api(`${base}/commits/${name}`)),
      html: href(this.forge.link(`/${repo.path}/${kind}/${name}`)) }, type: kind, ...(kind === 'branch' ? { merge_strategies: ['merge_commit', 'squash', 'fast_forward'], default_merge_strategy: 'merge_commit' } : { message: null, date: null, tagger: null }) };
  }

  // Commits in a pull request are told by their first 12 characters.
  pull(pull) {
    const { repo, from } = pull;
    const self = this.forge.api(`/repositories/${repo.path}/pullrequests/${pull.number}`);
    const side = (one, branch, sha) => ({ branch: { name: branch }, commit: this.#briefCommit(one, sha.slice(0, 12)), repository: pull.gone && one !== repo ? null : this.briefRepository(one) });
    const text = (raw) => ({ type: 'rendered', raw, markup: 'markdown', html: '' });
    return { comment_count: 0, task_count: 0, type: 'pullrequest', id: pull.number, title: pull.title, description: pull.body, rendered: { title: text(pull.title), description: text(pull.body) },
      state: pull.merged ? 'MERGED' : pull.state === 'open' ? 'OPEN' : 'DECLINED', draft: pull.draft, merge_commit: pull.merged ? this.#briefCommit(repo, pull.base_sha.slice(0, 12)) : null, close_source_branch: false,
      closed_by: pull.state === 'open' ? null : this.person(pull.by), author: this.person(pull.by), reason: '', created_on: micro(pull.created_at), updated_on: micro(pull.updated_at), destination: side(repo, pull.base, pull.base_sha),
      source: side(from, pull.branch, pull.head), reviewers: [], participants: [], links: { self: href(self), html: href(this.forge.link(`/${repo.path}/pull-requests/${pull.number}`)), commits: href(`${self}/commits`), comments: href(`${self}/comments`),
        statuses: href(`${self}/statuses`) }, summary: text(pull.body) };
  }
}
