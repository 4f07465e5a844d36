// Writes payloads/<forge>/*.json: one webhook of each kind as the fakes send it, {headers, body} with the body's exact bytes as text.
// Seeds for the fuzz targets of the hook parsers. Run it again when an emitter changes: node tests/forges/write_payloads.mjs
// With --print they are printed as one object instead.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { BitbucketServer } from './bitbucket_server/forge.mjs';
import { Bitbucket } from './bitbucket/forge.mjs';
import { Gitea } from './gitea/forge.mjs';
import { seedRun } from './github/checks.mjs';
import { GitHub } from './github/forge.mjs';
import { sendHook } from './github/hooks.mjs';
import { GitLab } from './gitlab/forge.mjs';
import { Fake } from './lib/server.mjs';

const SHA = (digit) => digit.repeat(40);
const BRANCH = 'feature/ünïcode-✓';
const COMMITS = [{ message: 'Add a page\n\nand its style', added: ['src/page.ts'], modified: ['package.json'] }, { message: 'Mend it', modified: ['src/page.ts'], removed: ['old page.ts'] }];
const SECRET = 'It\'s a Secret to Everybody';
const FORK = { number: 2, branch: 'main', head: SHA('8'), title: 'A <b>gift</b> | for `you`' };

const printing = process.argv[2] === '--print';
const printed = {};

async function write(folder, makeForge, base, script) {
  const place = new URL(`payloads/${folder}/`, import.meta.url);
  if (!printing) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
  }
  const fake = new Fake(makeForge);
  fake.clock.now = () => Date.parse('2026-11-24T10:00:00Z');
  fake.base = base;
  fake.reset();
  let n = 1;
  for (const step of script(fake.forge)) {
    const guid = `72d3162e-cc78-11e3-81ab-${String(n++).padStart(12, '0')}`;
    const { headers, body } = await step.sent(guid);
    if (printing) printed[`${folder}/${step.file}.json`] = { headers, body };
    else writeFileSync(new URL(`${step.file}.json`, place), `${JSON.stringify({ headers, body }, null, 1)}\n`);
  }
}

function* github(forge) {
  forge.world.addRepo({ path: 'acme/shop', id: 4711, branches: { main: SHA('1') } });
  forge.world.addRepo({ path: 'acme/site', id: 4712, private: false, branches: { main: SHA('2') } });
  forge.addApp({ public_key: 'none' });
  const { id } = forge.addInstallation({ repositories: ['acme/shop'] });
  const run = seedRun(forge, forge.world.repoAt('acme/shop'), SHA('1'), 'Workers Builds: shop', '0b3c9c4e-0000-4000-8000-000000000001');
  const step = (file, event, about, content_type = 'json') => ({ file, sent: async (guid) => {
    const hook = { id: 90001, type: 'integration', target: 85001, url: null, secret: SECRET, content_type };
    return (await sendHook(forge, hook, forge.events.make(event, about), { guid })).request;
  } });
  const repo = 'acme/shop';
  yield step('push', 'push', { repo, commits: COMMITS });
  yield step('push_new_branch', 'push', { repo, branch: BRANCH, after: SHA('3'), message: 'Begin' });
  yield step('push_forced', 'push', { repo, branch: BRANCH, after: SHA('4'), forced: true, message: 'Begin again [skip ci]' });
  yield step('push_deleted', 'push', { repo, branch: BRANCH, deleted: true });
  yield step('push_tag_as_form', 'push', { repo, tag: 'v1.0.0', after: SHA('1') }, 'form');
  yield step('push_without_installation', 'push', { repo: 'acme/site', after: SHA('5'), message: 'Not from an App' });
  yield step('delete_branch', 'delete', { repo, branch: BRANCH });
  yield step('delete_tag', 'delete', { repo, tag: 'v1.0.0' });
  yield step('create_branch', 'create', { repo, branch: 'topic' });
  yield step('pull_request_opened', 'pull_request', { repo, branch: 'topic', head: SHA('6') });
  yield step('pull_request_synchronize', 'pull_request', { repo, number: 1, action: 'synchronize', head: SHA('7') });
  yield step('pull_request_converted_to_draft', 'pull_request', { repo, number: 1, action: 'converted_to_draft' });
  yield step('pull_request_ready_for_review', 'pull_request', { repo, number: 1, action: 'ready_for_review' });
  yield step('pull_request_edited', 'pull_request', { repo, number: 1, action: 'edited', title: 'Another title' });
  yield step('pull_request_closed_merged', 'pull_request', { repo, number: 1, action: 'closed', merged: true });
  yield step('pull_request_reopened', 'pull_request', { repo, number: 1, action: 'reopened', merged: false });
  yield step('pull_request_fork_opened', 'pull_request', { repo, from: 'eve/shop', ...FORK });
  yield step('pull_request_fork_gone', 'pull_request', { repo, number: 2, action: 'closed', gone: true });
  yield step('check_run_rerequested', 'check_run', { run_id: run.id });
  yield step('check_run_requested_action', 'check_run', { run_id: run.id, action: 'requested_action', identifier: 'cancel' });
  yield step('check_suite_rerequested', 'check_suite', { repo, sha: SHA('1') });
  yield step('check_suite_requested', 'check_suite', { repo, sha: SHA('1'), action: 'requested' });
  yield step('installation_created', 'installation', { id });
  yield step('installation_suspend', 'installation', { id, action: 'suspend' });
  yield step('installation_unsuspend', 'installation', { id, action: 'unsuspend' });
  yield step('installation_new_permissions_accepted', 'installation', { id, action: 'new_permissions_accepted', permissions: { metadata: 'read', checks: 'write' } });
  yield step('installation_repositories_added', 'installation_repositories', { id, added: ['acme/site'] });
  yield step('installation_repositories_removed', 'installation_repositories', { id, removed: ['acme/site'] });
  yield step('repository_renamed', 'repository', { repo, action: 'renamed', to: 'store' });
  yield step('repository_transferred', 'repository', { repo: 'acme/store', action: 'transferred', to_owner: 'umbrella' });
  yield step('repository_edited', 'repository', { repo: 'umbrella/store', action: 'edited', default_branch: 'trunk' });
  yield step('repository_deleted', 'repository', { repo: 'umbrella/store', action: 'deleted' });
  yield step('installation_deleted', 'installation', { id, action: 'deleted' });
  yield step('ping', 'ping', {});
  yield step('github_app_authorization_revoked', 'github_app_authorization', {});
}

// What the other forges send: steps of [file, event, about, hook?, how it is sent?].
const hosted = (path, hook, steps) => function* script(forge) {
  forge.world.addRepo({ path, id: 4711, branches: { main: SHA('1') } });
  for (const [file, event, about, ownHook = {}, how = {}] of steps) {
    yield { file, sent: async (guid) => forge.request({ ...hook, ...ownHook }, forge.events.make(event, { repo: path, ...about }), { guid, event_uuid: guid, ...how }) };
  }
};

const pushes = [
  ['push', 'push', { commits: COMMITS }],
  ['push_new_branch', 'push', { branch: BRANCH, after: SHA('3'), message: 'Begin' }],
  ['push_forced', 'push', { branch: BRANCH, after: SHA('4'), forced: true, message: 'Begin again [skip ci]' }],
];

const gitlab = hosted('acme/web/shop', { id: 301, uuid: '5a0e6b1c-0000-4000-8000-000000000001', token: SECRET }, [
  ...pushes,
  ['push_many_commits', 'push', { commits: Array.from({ length: 23 }, (_, i) => ({ message: `Change ${i}` })) }],
  ['push_deleted', 'push', { branch: BRANCH, deleted: true }],
  ['push_signed', 'push', { commits: COMMITS }, { token: null, signing_token: `whsec_${Buffer.from(SECRET).toString('base64')}` }],
  ['tag_push', 'push', { tag: 'v1.0.0', after: SHA('1') }],
  ['system_push', 'push', { commits: COMMITS, system: true }],
  ['merge_request_open', 'pull_request', { branch: 'topic', head: SHA('6') }],
  ['merge_request_update_commits', 'pull_request', { number: 1, action: 'update', head: SHA('7') }],
  ['merge_request_update_draft', 'pull_request', { number: 1, action: 'update', draft: true }],
  ['merge_request_close', 'pull_request', { number: 1, action: 'close' }],
  ['merge_request_reopen', 'pull_request', { number: 1, action: 'reopen', draft: false }],
  ['merge_request_merge', 'pull_request', { number: 1, action: 'merge' }],
  ['merge_request_fork_open', 'pull_request', { from: 'eve/shop', ...FORK }],
  ['system_project_rename', 'repository', { action: 'renamed', to: 'acme/web/store' }],
]);

const giteaSteps = [
  ...pushes,
  ['push_as_form', 'push', { commits: COMMITS }, { content_type: 'form' }],
  ['push_without_secret', 'push', { commits: COMMITS }, { secret: null }],
  ['push_many_commits', 'push', { commits: Array.from({ length: 8 }, (_, i) => ({ message: `Change ${i}` })) }],
  ['push_deleted', 'push', { branch: BRANCH, deleted: true }],
  ['push_tag', 'push', { tag: 'v1.0.0', after: SHA('1') }],
  ['create_branch', 'create', { branch: 'topic', after: SHA('6') }],
  ['delete_branch', 'delete', { branch: 'topic' }],
  ['pull_request_opened', 'pull_request', { branch: 'topic', head: SHA('6') }],
  ['pull_request_synchronized', 'pull_request', { number: 1, action: 'synchronized', head: SHA('7') }],
  ['pull_request_closed', 'pull_request', { number: 1, action: 'closed' }],
  ['pull_request_reopened', 'pull_request', { number: 1, action: 'reopened' }],
  ['pull_request_merged', 'pull_request', { number: 1, action: 'closed', merged: true }],
  ['pull_request_fork_opened', 'pull_request', { from: 'eve/shop', ...FORK }],
  ['pull_request_fork_gone', 'pull_request', { number: 2, action: 'closed', gone: true }],
  ['repository_deleted', 'repository', { action: 'deleted' }],
];
const gitea = hosted('acme/shop', { id: 301, secret: SECRET, content_type: 'json' }, giteaSteps);

const bitbucket = hosted('acme/shop', { id: 301, uuid: '{5a0e6b1c-0000-4000-8000-000000000001}', secret: SECRET }, [
  ...pushes,
  ['push_deleted', 'push', { branch: BRANCH, deleted: true }],
  ['push_two_refs', 'push', { pushes: [{ branch: 'one', after: SHA('a'), message: 'One' }, { tag: 'v2.0.0', after: SHA('1') }] }],
  ['push_truncated', 'push', { commits: Array.from({ length: 8 }, (_, i) => ({ message: `Change ${i}` })) }],
  ['push_without_secret', 'push', { commits: COMMITS }, { secret: null }],
  ['pullrequest_created', 'pull_request', { branch: 'topic', head: SHA('6') }],
  ['pullrequest_updated', 'pull_request', { number: 1, action: 'updated', head: SHA('7') }],
  ['pullrequest_rejected', 'pull_request', { number: 1, action: 'rejected' }],
  ['pullrequest_fork_created', 'pull_request', { from: 'eve/shop', ...FORK }],
  ['pullrequest_fulfilled', 'pull_request', { number: 3, branch: 'other', head: SHA('9'), action: 'fulfilled' }],
  ['repo_updated', 'repository', { action: 'renamed', to: 'acme/store' }],
]);

const bitbucketServer = hosted('SHOP/web', { id: 301, secret: SECRET }, [
  ...pushes,
  ['push_deleted', 'push', { branch: BRANCH, deleted: true }],
  ['push_two_refs', 'push', { pushes: [{ branch: 'one', after: SHA('a'), message: 'One' }, { tag: 'v2.0.0', after: SHA('1') }] }],
  ['pr_opened', 'pull_request', { branch: 'topic', head: SHA('6') }],
  ['pr_from_ref_updated', 'pull_request', { number: 1, action: 'from_ref_updated', head: SHA('7') }],
  ['pr_modified', 'pull_request', { number: 1, action: 'modified' }],
  ['pr_declined', 'pull_request', { number: 1, action: 'declined' }],
  ['pr_fork_opened', 'pull_request', { from: '~eve/web', ...FORK }],
  ['pr_merged', 'pull_request', { number: 3, branch: 'other', head: SHA('9'), action: 'merged' }],
  ['pr_deleted', 'pull_request', { number: 4, branch: 'third', head: SHA('b'), action: 'deleted' }],
  ['ping', 'ping', {}],
  ['repo_modified', 'repository', { action: 'renamed', to: 'SHOP/store' }],
]);

await write('github', (fake) => new GitHub(fake), 'https://github.example', github);
await write('gitlab', (fake) => new GitLab(fake), 'https://gitlab.example', gitlab);
await write('gitea', (fake) => new Gitea(fake), 'https://gitea.example', gitea);
await write('forgejo', (fake) => new Gitea(fake, { name: 'forgejo' }), 'https://forgejo.example', gitea);
await write('bitbucket', (fake) => new Bitbucket(fake), 'https://bitbucket.example', bitbucket);
await write('bitbucket_server', (fake) => new BitbucketServer(fake), 'https://bitbucket-server.example', bitbucketServer);
if (printing) console.log(JSON.stringify(printed));
