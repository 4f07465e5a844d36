// Making an App from a manifest, and installing it: the pages that a person clicks through, and the call that takes the code.
import { randomBytes } from 'node:crypto';
import { refuse, reply } from '../lib/answers.mjs';

// Which permission an event needs; the events that every App gets may not be asked for.
const NEEDS = { push: 'contents', create: 'contents', delete: 'contents', pull_request: 'pull_requests', check_run: 'checks', check_suite: 'checks', status: 'statuses', repository: 'metadata', issue_comment: 'issues' };
const ALWAYS = ['installation', 'installation_repositories', 'github_app_authorization', 'ping', 'meta'];
const KNOWN = ['name', 'url', 'hook_attributes', 'redirect_url', 'callback_urls', 'setup_url', 'description', 'public', 'default_events', 'default_permissions', 'request_oauth_on_install', 'setup_on_update'];

const LOCAL = /^https?:\/\/(localhost|127\.|10\.|192\.168\.|\[::1\])/;
const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const pageOf = (status, title, words) => reply(status, `<!doctype html><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${words}`);

export function wrongWithManifest(forge, manifest) {
  const wrong = [];
  const isUrl = (text) => typeof text === 'string' && /^https?:\/\/[^/]/.test(text);
  const strange = Object.keys(manifest).filter((key) => !KNOWN.includes(key));
  if (strange.length) wrong.push(`unknown keys: ${strange.join(', ')}`);
  if (!isUrl(manifest.url)) wrong.push('url is missing or no URL');
  if (manifest.name !== undefined && (!manifest.name.trim() || manifest.name.length > 34)) wrong.push('name is too long (maximum is 34 characters)');
  if ([...forge.apps.values()].some((app) => app.name.toLowerCase() === manifest.name?.toLowerCase())) wrong.push('name is already taken');
  if (manifest.hook_attributes && !isUrl(manifest.hook_attributes.url)) wrong.push('hook_attributes.url is missing or no URL');
  if (forge.settings.public_hooks_only && LOCAL.test(manifest.hook_attributes?.url ?? '')) wrong.push('hook_attributes.url is not supported because it isn\'t reachable over the public Internet');
  for (const key of ['redirect_url', 'setup_url']) if (manifest[key] !== undefined && !isUrl(manifest[key])) wrong.push(`${key} is no URL`);
  const permissions = manifest.default_permissions ?? {};
  for (const [name, level] of Object.entries(permissions)) if (!['read', 'write', 'admin'].includes(level)) wrong.push(`default_permissions.${name} is ${level}`);
  for (const event of manifest.default_events ?? []) {
    if (ALWAYS.includes(event)) wrong.push(`default_events: ${event} comes to every App and may not be asked for`);
    else if (!NEEDS[event]) wrong.push(`default_events: ${event} is unknown`);
    else if (NEEDS[event] !== 'metadata' && !permissions[NEEDS[event]]) wrong.push(`default_events: ${event} needs the permission ${NEEDS[event]}`);
  }
  return wrong;
}

// The browser posts `manifest` here; the person's click on "Create" is taken as given.
function create(call) {
  const { forge } = call;
  let manifest;
  try {
    manifest = JSON.parse(call.body.manifest);
  } catch {
    return pageOf(422, 'Invalid GitHub App configuration', '<p>The manifest is no JSON.</p>');
  }
  const wrong = wrongWithManifest(forge, manifest);
  if (wrong.length) return pageOf(422, 'Invalid GitHub App configuration', wrong.map((text) => `<p>${escaped(text)}</p>`).join(''));
  const app = forge.addApp({ name: manifest.name ?? `App ${randomBytes(3).toString('hex')}`, owner: call.params.org ?? 'ada', owner_type: call.params.org ? 'Organization' : 'User', url: manifest.url, description: manifest.description,
    permissions: { metadata: 'read', ...manifest.default_permissions }, events: manifest.default_events ?? [], hook_url: manifest.hook_attributes?.active === false ? null : manifest.hook_attributes?.url, hook_secret: randomBytes(20).toString('hex'), setup_url: manifest.setup_url,
    public: manifest.public });
  const code = randomBytes(20).toString('hex');
  forge.codes.set(code, { app, until_ms: forge.clock.now() + 3_600_000 });
  if (!manifest.redirect_url) return pageOf(200, `Created ${app.name}`, `<p>${code}</p>`);
  const target = new URL(manifest.redirect_url);
  target.searchParams.set('code', code);
  const state = call.query.get('state') ?? call.body.state;
  if (state) target.searchParams.set('state', state);
  return { status: 302, body: '', headers: { location: target.href } };
}

export function convert(call) {
  const { forge } = call;
  const found = forge.codes.get(call.params.code);
  if (!found || found.until_ms <= forge.clock.now()) refuse(404, 'Not Found');
  forge.codes.delete(call.params.code); // it works once
  const { app } = found;
  return reply(201, { ...forge.shapes.app(app), client_id: app.client_id, client_secret: app.client_secret, webhook_secret: app.hook.secret, pem: app.private_key });
}

// The person chooses the account and all its repositories: `?account=` says which, else the App's owner.
async function install(call) {
  const { forge } = call;
  const app = [...forge.apps.values()].find((one) => one.slug === call.params.slug) ?? refuse(404, 'Not Found');
  const one = forge.addInstallation({ app_id: app.id, account: call.query.get('account') ?? app.owner.login });
  await forge.sendFromApp(app, forge.events.make('installation', { id: one.id, action: 'created' }), {});
  if (!app.setup_url) return pageOf(200, 'Installed', `<p>${one.id}</p>`);
  const target = new URL(app.setup_url);
  target.searchParams.set('installation_id', one.id);
  target.searchParams.set('setup_action', 'install');
  if (call.query.get('state')) target.searchParams.set('state', call.query.get('state'));
  return { status: 302, body: '', headers: { location: target.href } };
}

const anybody = { auth: 'none' };
export const pages = [
  ['POST', '/settings/apps/new', create, anybody],
  ['POST', '/organizations/{org}/settings/apps/new', create, anybody],
  ['GET', '/apps/{slug}/installations/new', install, anybody],
];
export const routes = [['POST', '/app-manifests/{code}/conversions', convert, anybody]];
