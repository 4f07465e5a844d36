import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWish, placeOf, wishOf } from './wish.ts';

test('an address says where a repository is', () => {
  const places = ['https://github.com/acme/shop', ' HTTP://git.example.com/shop.git', 'git@git.example.com:acme/shop.git', 'ssh://git@host:22/shop', 'host:shop.git', 'git@[::1]:shop.git', '/srv/git/shop.git', 'shop', ''].map(placeOf);
  assert.deepEqual(places, ['web', 'web', 'ssh', 'ssh', 'ssh', 'ssh', 'path', null, null]);
});

test('what was not filled in is not asked for', () => {
  assert.deepEqual(wishOf({ ...newWish(''), url: ' https://github.com/acme/shop ' }), { repo_url: 'https://github.com/acme/shop' });
});

test('a token goes to web addresses, a key to those of SSH', () => {
  const filled = { ...newWish('shop'), token: 'secret', knownHost: 'SHA256:x' };
  assert.deepEqual(wishOf({ ...filled, url: 'https://git.example.com/shop' }), { repo_url: 'https://git.example.com/shop', worker: 'shop', token: 'secret' });
  assert.deepEqual(wishOf({ ...filled, url: 'git@host:shop.git' }), { repo_url: 'git@host:shop.git', worker: 'shop', deploy_key: true, known_host: 'SHA256:x' });
  assert.deepEqual(wishOf({ ...filled, url: '/srv/git/shop.git' }), { repo_url: '/srv/git/shop.git', worker: 'shop' });
});

test('what is chosen is asked for', () => {
  const wish = wishOf({ ...newWish('shop'), url: '/x', poll: '60', buildFirst: true, previews: false, forks: 'approve', second: true, branch: 'trunk', build: 'make', deploy: 'd', previewDeploy: 'p', root: 'apps/x', provider: 'gitea' });
  assert.deepEqual(wish, { repo_url: '/x', worker: 'shop', branch: 'trunk', build_command: 'make', deploy_command: 'd', preview_deploy_command: 'p', root_directory: 'apps/x', provider: 'gitea', fork_pull_requests: 'approve', poll_seconds: 60, build_first: true, previews: false, second_repository: true });
});
