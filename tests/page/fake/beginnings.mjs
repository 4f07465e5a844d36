// What a newcomer asks for, in the shapes of api/openapi.yaml: the doctor's findings, a repository connected.
import { at, hex, uuid } from './values.mjs';

const findings = {
  builds_can_run: true,
  rows: [
    { name: 'sandbox', state: 'ok', found: 'user namespace, a uid of its own for each build', means: 'the strongest sandbox', todo: '' },
    { name: 'slirp4netns', state: 'limited', found: 'not installed', means: 'builds\u2019 way to the outside with runner.network = "egress"', todo: 'install the package slirp4netns, or choose another runner.network' },
    { name: 'limit of disk', state: 'missing', found: '<b>no loop devices</b> ' + 'W'.repeat(120), means: 'a build may fill the disk', todo: 'modprobe loop' },
    { name: 'readiness', state: 'ok', found: 'ready', means: 'load balancers send requests here', todo: '' },
  ],
};

function connected(wish) {
  const worker = wish.worker ?? 'shop';
  const isWeb = wish.repo_url.startsWith('http');
  const kind = !isWeb ? 'git' : wish.repo_url.includes('git.example.com') ? 'git' : 'github';
  const connection = { repo_connection_uuid: uuid(`c${worker}`), provider_type: kind, provider_account_id: '1', provider_account_name: 'acme', repo_id: '2', repo_name: worker, created_on: at(0), modified_on: at(0), deleted_on: null };
  const trigger = (name, includes, excludes, deploy) => ({
    trigger_uuid: uuid(name), trigger_name: name, external_script_id: hex(worker, 32), build_command: wish.build_command ?? '', deploy_command: deploy, root_directory: '/', branch_includes: includes, branch_excludes: excludes,
    path_includes: ['*'], path_excludes: [], build_caching_enabled: true, created_on: at(0), modified_on: at(0), deleted_on: null, repo_connection: connection, build_token_uuid: null, build_token_name: null,
    require_version: false, paused: false, fork_pull_requests: 'never', report_path_skips: false,
  });
  return {
    worker: { name: worker, tag: hex(worker, 32) }, connection, changes: [{ trigger_name: 'Deploy main', field: 'trigger_name', before: '', after: 'Deploy main' }],
    triggers: [trigger('Deploy main', ['main'], [], 'npx wrangler deploy'), trigger('Preview branches', ['*'], ['main'], 'npx wrangler versions upload')],
    notes: wish.worker ? [] : ['The Worker is called "shop", as wrangler.jsonc has it.'],
    credentials: { deploy_key: wish.deploy_key ? { public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake kiln shop', fingerprint: 'SHA256:of-the-fake' } : null, host_key_fingerprints: wish.deploy_key ? 'SHA256:host' : '', host_key_pinned_now: Boolean(wish.deploy_key) },
    deploy_key_place: 'at the repository\u2019s host', watch: { poll_seconds: wish.poll_seconds ?? 0, looked_on: null, next_on: null, failures: 0, error: null },
    hook: { kind, url: `https://kiln.example.com/webhooks/${kind}`, secret: 'shown-once-0123456789', made_at_host: kind === 'github' && Boolean(wish.token) },
  };
}

const place = (name, more) => ({
  repo_connection_uuid: uuid(`c${name}`), provider_type: 'github', provider_account_id: '1', provider_account_name: 'acme', repo_id: '2', repo_name: name, created_on: at(-1e6), modified_on: at(-1e6), deleted_on: null,
  clone_url: `https://github.com/acme/${name}.git`, workers: [name], has_token: true, deploy_key: null, watch: { poll_seconds: 0, looked_on: at(-40), next_on: at(20), failures: 0, error: null }, ...more,
});
const places = [
  place('shop', {}),
  place('blog', { clone_url: 'git@git.example.com:acme/blog.git', provider_type: 'git', has_token: false, deploy_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake kiln blog', watch: { poll_seconds: 60, looked_on: at(-4000), next_on: at(9), failures: 3, error: 'git.example.com did not answer within 20 s <b>' } }),
];

function rotated(one, wish) {
  const hook = { kind: one.provider_type, url: `https://kiln.example.com/webhooks/${one.provider_type}`, secret: 'rotated-0123456789', made_at_host: false };
  return {
    connection: Object.fromEntries(Object.entries(one).filter(([field]) => !['clone_url', 'workers', 'has_token', 'deploy_key', 'watch'].includes(field))), clone_url: one.clone_url, notes: [], hook,
    credentials: { deploy_key: wish.deploy_key ? { public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOther kiln blog', fingerprint: 'SHA256:other' } : null, host_key_fingerprints: '', host_key_pinned_now: false },
    deploy_key_place: 'in ~/.ssh/authorized_keys of the user in the address',
  };
}

export function answerBeginnings(method, path, body) {
  if (/^\/kiln\/v1\/accounts\/[0-9a-f]{32}\/repositories$/.test(path)) return { result: places };
  const rotating = /\/repositories\/([0-9a-f-]{36})\/rotate$/.exec(path);
  if (rotating) return { result: rotated(places.find((one) => one.repo_connection_uuid === rotating[1]), body) };
  if (path === '/kiln/v1/doctor') return { result: findings };
  if (!/^\/kiln\/v1\/accounts\/[0-9a-f]{32}\/(connect|build)$/.test(path)) return null;
  if (path.endsWith('/build')) return { status: 409, code: 12004, message: `The branch main is not in the repository of ${body.worker}; push it first` };
  if (body.repo_url === 'shop') return { status: 400, code: 12002, message: 'Invalid request body: repo_url must be an address or a path' };
  return { result: connected(body) };
}
