// What a real repository on this disk says, for repositories that are seeded with `git_dir`.
import { execFileSync } from 'node:child_process';

const ZERO = /^0+$/;

export function git(folder, ...words) {
  return execFileSync('git', ['-c', 'safe.directory=*', '-C', folder, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}

// Branch name → SHA.
export function heads(folder) {
  const lines = git(folder, 'for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads').split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

export function resolve(folder, name) {
  try {
    return git(folder, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).trim();
  } catch {
    return null;
  }
}

const FORM = '%H%x00%T%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B%x01';

function commits(folder, ...range) {
  const lists = new Map();
  return git(folder, 'log', `--format=${FORM}`, ...range).split('\x01\n').filter((text) => text.trim()).map((text) => {
    const [sha, tree, parents, name, email, committer, committer_email, time, message] = text.replace(/^\n/, '').split('\0');
    const files = filesOf(folder, sha, lists);
    return { sha, tree, parents: parents.split(' ').filter(Boolean), message: message.trimEnd(), time, author: { name, email },
      committer: { name: committer, email: committer_email }, ...files };
  });
}

function filesOf(folder, sha) {
  const files = { added: [], removed: [], modified: [] };
  const lines = git(folder, '-c', 'core.quotePath=false', 'diff-tree', '--root', '--no-commit-id', '-r', '--no-renames', '--name-status', '-m', '--first-parent', sha);
  for (const line of lines.split('\n').filter(Boolean)) {
    const [kind, path] = line.split('\t');
    files[kind === 'A' ? 'added' : kind === 'D' ? 'removed' : 'modified'].push(path);
  }
  return files;
}

export const commitOf = (folder, sha) => commits(folder, '-1', sha)[0];

// The commits that a push brought, oldest first: those of `after` that `before` (or, of a new branch, another branch) has not.
export function pushed(folder, before, after, ref) {
  if (ZERO.test(after)) return [];
  const others = ZERO.test(before) ? Object.entries(heads(folder)).filter(([name]) => `refs/heads/${name}` !== ref).map(([, sha]) => `^${sha}`) : [`^${before}`];
  return commits(folder, '--reverse', after, ...others);
}

export function isAncestor(folder, older, newer) {
  try {
    git(folder, 'merge-base', '--is-ancestor', older, newer);
    return true;
  } catch {
    return false;
  }
}
