// Bitbucket Data Center's JSON for the things of the world. A repository "SHOP/web" is the slug `web` in the project SHOP; "~eve/web" is Eve's own.
export const millis = (iso) => Date.parse(iso);

export class Shapes {
  constructor(forge) { this.forge = forge; }

  self(path) { return { self: [{ href: this.forge.link(path) }] }; }

  person(person) {
    return { name: person.login, emailAddress: person.email, active: true, displayName: person.name, id: person.id, slug: person.login, type: 'NORMAL', links: this.self(`/users/${person.login}`) };
  }

  cloneUrl(repo) { return repo.clone_url ?? this.forge.link(`/scm/${repo.path.toLowerCase()}.git`); }

  repository(repo) {
    const key = repo.owner.login;
    const personal = key.startsWith('~');
    const project = { key, id: repo.owner.id, name: repo.owner.name, type: personal ? 'PERSONAL' : 'NORMAL', links: this.self(personal ? `/users/${key.slice(1)}` : `/projects/${key}`),
      ...(personal ? { owner: this.person({ ...repo.owner, login: key.slice(1) }) } : { public: false, description: '' }) };
    const ssh = repo.ssh_url ?? `ssh://git@${new URL(this.forge.link('/')).hostname}:7999/${repo.path.toLowerCase()}.git`;
    return { slug: repo.name, id: repo.id, name: repo.name, hierarchyId: `${repo.id}`.padStart(20, '0'), scmId: 'git', state: 'AVAILABLE', statusMessage: 'Available', forkable: true, project, public: !repo.private, archived: false,
      ...(repo.fork_of ? { origin: this.repository(repo.fork_of) } : {}), links: { clone: [{ href: this.cloneUrl(repo), name: 'http' }, { href: ssh, name: 'ssh' }], ...this.self(`/projects/${key}/repos/${repo.name}/browse`) } };
  }

  commit(commit) {
    const who = ({ name, email }) => ({ name, emailAddress: email });
    return { id: commit.sha, displayId: commit.sha.slice(0, 11), author: who(commit.author), authorTimestamp: millis(commit.time), committer: who(commit.committer), committerTimestamp: millis(commit.time), message: commit.message,
      parents: commit.parents.map((sha) => ({ id: sha, displayId: sha.slice(0, 11) })) };
  }

  pull(pull) {
    const { repo, from } = pull;
    const side = (one, branch, sha) => ({ id: `refs/heads/${branch}`, displayId: branch, latestCommit: sha, type: 'BRANCH', repository: this.repository(one) });
    return { id: pull.number, version: 0, title: pull.title, description: pull.body, state: pull.merged ? 'MERGED' : pull.state === 'open' ? 'OPEN' : 'DECLINED', open: pull.state === 'open', closed: pull.state !== 'open', draft: pull.draft,
      createdDate: millis(pull.created_at), updatedDate: millis(pull.updated_at), ...(pull.closed_at ? { closedDate: millis(pull.closed_at) } : {}), fromRef: side(from, pull.branch, pull.head), toRef: side(repo, pull.base, pull.base_sha), locked: false,
      author: { user: this.person(pull.by), role: 'AUTHOR', approved: false, status: 'UNAPPROVED' }, reviewers: [], participants: [], links: this.self(`/projects/${repo.owner.login}/repos/${repo.name}/pull-requests/${pull.number}`) };
  }
}
