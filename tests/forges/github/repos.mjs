// Routes that read a repository: itself, its branches, commits, pull requests, and the files of one that stands on this disk.
import { refuse, reply } from '../lib/answers.mjs';
import * as git from '../lib/git.mjs';
import { page } from '../lib/pages.mjs';

const paged = (call, items) => page(call, call.forge.fake, items);
const read = { need: { contents: 'read' } };
const pulls = { need: { pull_requests: 'read' } };

const commitAt = (call, ref, status = 422) => call.forge.world.commit(call.repo, ref) ?? refuse(status, status === 404 ? 'Not Found' : `No commit found for SHA: ${ref}`);

function branches(call) {
  const { items, headers } = paged(call, [...call.forge.world.heads(call.repo)].sort(([a], [b]) => (a < b ? -1 : 1)));
  const url = (sha) => call.forge.shapes.api(`/repos/${call.repo.path}/commits/${sha}`);
  return reply(200, items.map(([name, sha]) => ({ name, commit: { sha, url: url(sha) }, protected: false })), headers);
}

function branch(call) {
  const { forge, repo, params } = call;
  const sha = forge.world.heads(repo).get(params.branch) ?? refuse(404, 'Branch not found');
  const self = forge.shapes.api(`/repos/${repo.path}/branches/${params.branch}`);
  return reply(200, { name: params.branch, commit: forge.shapes.commit(repo, commitAt(call, sha)), _links: { self, html: forge.shapes.link(`/${repo.path}/tree/${params.branch}`) }, protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } }, protection_url: `${self}/protection` });
}

function ref(call) {
  const { forge, repo, params } = call;
  const name = params.ref.replace(/^heads\//, '');
  const sha = params.ref.startsWith('heads/') ? forge.world.heads(repo).get(name) : null;
  if (!sha) refuse(404, 'Not Found');
  return reply(200, { ref: `refs/heads/${name}`, node_id: forge.shapes.node('Ref', name), url: forge.shapes.api(`/repos/${repo.path}/git/refs/heads/${name}`),
    object: { type: 'commit', sha, url: forge.shapes.api(`/repos/${repo.path}/git/commits/${sha}`) } });
}

function listPulls(call) {
  const state = call.query.get('state') ?? 'open';
  const head = call.query.get('head');
  const base = call.query.get('base');
  const wanted = [...call.repo.pulls.values()].filter((pull) => (state === 'all' || pull.state === state) && (!base || pull.base === base) && (!head || head === `${pull.from.owner.login}:${pull.branch}`));
  const { items, headers } = paged(call, wanted.reverse());
  return reply(200, items.map((pull) => call.forge.shapes.pull(pull)), headers);
}

function pullsOfCommit(call) {
  const found = call.forge.world.pullsOf(call.repo, call.params.commit_sha);
  if (!found.length) commitAt(call, call.params.commit_sha);
  const { items, headers } = paged(call, found);
  return reply(200, items.map((pull) => call.forge.shapes.pull(pull)), headers);
}

const onePull = (call) => reply(200, call.forge.shapes.pull(call.repo.pulls.get(Number(call.params.pull_number)) ?? refuse(404, 'Not Found'), { full: true }));

function createPull(call) {
  const { body, forge, repo } = call;
  const missing = ['head', 'base'].filter((name) => !body[name]);
  if (missing.length || !(body.title || body.issue)) refuse(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', field: missing[0] ?? 'title', code: 'missing_field' }] });
  const made = forge.world.pull(repo, { branch: body.head.replace(/^.*:/, ''), base: body.base, title: body.title, body: body.body ?? null, draft: body.draft ?? false });
  return reply(201, forge.shapes.pull(made, { full: true }));
}

const disk = (call) => call.repo.git_dir ?? refuse(404, 'Not Found');

function contents(call) {
  const { forge, repo } = call;
  const folder = disk(call);
  const ref = call.query.get('ref') ?? repo.default_branch;
  const sha = git.resolve(folder, ref) ?? refuse(404, `No commit found for the ref ${ref}`);
  const path = (call.params.path ?? '').replace(/\/$/, '');
  const lines = (words) => git.git(folder, 'ls-tree', '-l', '-z', sha, ...words).split('\0').filter(Boolean);
  const entry = (line) => {
    const [about, name] = line.split('\t');
    const [, type, id, size] = about.split(/\s+/);
    const kind = type === 'tree' ? 'dir' : type === 'commit' ? 'submodule' : 'file';
    const url = `${forge.shapes.api(`/repos/${repo.path}/contents/${encodeURI(name)}`)}?ref=${encodeURIComponent(ref)}`;
    const git_url = forge.shapes.api(`/repos/${repo.path}/git/${kind === 'dir' ? 'trees' : 'blobs'}/${id}`);
    const html = forge.shapes.link(`/${repo.path}/blob/${ref}/${name}`);
    return { type: kind, name: name.split('/').at(-1), path: name, sha: id, size: Number(size) || 0, url, html_url: html, git_url, download_url: kind === 'file' ? forge.shapes.link(`/${repo.path}/raw/${ref}/${name}`) : null,
      _links: { self: url, git: git_url, html } };
  };
  const self = path ? lines(['--', path])[0] : null;
  if (path && !self) refuse(404, 'Not Found');
  if (path && entry(self).type === 'file') {
    const text = Buffer.from(git.git(folder, 'cat-file', 'blob', entry(self).sha));
    if (/vnd\.github\.raw/.test(call.headers.accept ?? '')) return { status: 200, body: text.toString(), headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' } };
    return reply(200, { ...entry(self), encoding: 'base64', content: text.toString('base64') });
  }
  return reply(200, lines(path ? ['--', `${path}/`] : []).map(entry));
}

function tree(call) {
  const folder = disk(call);
  const sha = git.resolve(folder, call.params.tree_sha) ?? refuse(404, 'Not Found');
  const words = call.query.get('recursive') ? ['-r', '-t'] : [];
  const lines = git.git(folder, 'ls-tree', '-l', '-z', ...words, sha).split('\0').filter(Boolean);
  const url = (kind, id) => call.forge.shapes.api(`/repos/${call.repo.path}/git/${kind}/${id}`);
  return reply(200, { sha, url: url('trees', sha), truncated: false, tree: lines.map((line) => {
    const [about, path] = line.split('\t');
    const [mode, type, id, size] = about.split(/\s+/);
    return { path, mode, type, sha: id, url: url(type === 'tree' ? 'trees' : 'blobs', id), ...(type === 'blob' ? { size: Number(size) } : {}) };
  }) });
}

// At most 300 files, as GitHub tells.
function compare(call) {
  const { forge, repo } = call;
  const folder = disk(call);
  const [base, head] = call.params.basehead.split('...');
  const at = (name) => git.resolve(folder, name ?? '') ?? refuse(404, 'Not Found');
  const [from, to] = [at(base), at(head)];
  const words = { A: 'added', D: 'removed', M: 'modified' };
  const files = git.git(folder, 'diff', '--name-status', '--no-renames', '-z', `${from}...${to}`).split('\0').filter(Boolean);
  const told = [];
  for (let i = 0; i + 1 < files.length && told.length < 300; i += 2) {
    const name = files[i + 1];
    const at = forge.shapes.link(`/${repo.path}/blob/${to}/${encodeURI(name)}`);
    told.push({ sha: null, filename: name, status: words[files[i]] ?? 'changed', additions: 0, deletions: 0, changes: 0, blob_url: at, raw_url: at, contents_url: forge.shapes.api(`/repos/${repo.path}/contents/${encodeURI(name)}?ref=${to}`) });
  }
  const brought = git.pushed(folder, from, to).slice(0, 250);
  const url = forge.shapes.api(`/repos/${repo.path}/compare/${from}...${to}`);
  const page = forge.shapes.link(`/${repo.path}/compare/${from}...${to}`);
  const behind = git.pushed(folder, to, from).length;
  return reply(200, { url, html_url: page, permalink_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch`, base_commit: forge.shapes.commit(repo, git.commitOf(folder, from)),
    merge_base_commit: forge.shapes.commit(repo, git.commitOf(folder, git.git(folder, 'merge-base', from, to).trim())), status: from === to ? 'identical' : behind ? 'diverged' : 'ahead', ahead_by: brought.length, behind_by: behind,
    total_commits: brought.length, commits: brought.map((one) => forge.shapes.commit(repo, one)), files: told });
}

function repository(call) {
  const level = call.caller.kind === 'person' ? { admin: true, maintain: true, push: true, triage: true, pull: true } : undefined;
  return reply(200, call.forge.shapes.repository(call.repo, level));
}

export const routes = [
  ['GET', '/repos/{owner}/{repo}', repository, { need: { metadata: 'read' } }],
  ['GET', '/repos/{owner}/{repo}/branches', branches, read],
  ['GET', '/repos/{owner}/{repo}/branches/{branch+}', branch, read],
  ['GET', '/repos/{owner}/{repo}/git/ref/{ref+}', ref, read],
  ['GET', '/repos/{owner}/{repo}/git/trees/{tree_sha+}', tree, read],
  ['GET', '/repos/{owner}/{repo}/contents', contents, read],
  ['GET', '/repos/{owner}/{repo}/contents/{path+}', contents, read],
  ['GET', '/repos/{owner}/{repo}/compare/{basehead+}', compare, read],
  ['GET', '/repos/{owner}/{repo}/commits/{commit_sha}/pulls', pullsOfCommit, pulls],
  ['GET', '/repos/{owner}/{repo}/pulls', listPulls, pulls],
  ['POST', '/repos/{owner}/{repo}/pulls', createPull, { need: { pull_requests: 'write' } }],
  ['GET', '/repos/{owner}/{repo}/pulls/{pull_number}', onePull, pulls],
];

// Asked last: a ref has slashes, and other routes begin like it.
export const commitRoute = ['GET', '/repos/{owner}/{repo}/commits/{ref+}', (call) => reply(200, call.forge.shapes.commit(call.repo, commitAt(call, call.params.ref))), read];
