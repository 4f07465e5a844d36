// Every method of the TypeScript SDK's Workers resource, and the few that say who a token is, against the server of the
// environment; prints as JSON what became of each: [[method, outcome, words]…].
//
//   sdk_methods.mjs NAME      of a Worker that is there, with a version that is deployed and the secret KEPT
//
// Outcomes: works; refused (the server's words follow); wrong (an answer that is not the right one, or another error).
// CLOUDFLARE_SDK is the file: URL of the SDK's index.mjs.
import { Buffer } from 'node:buffer';

const env = process.env;
const sdk = await import(env.CLOUDFLARE_SDK);
const account_id = env.CLOUDFLARE_ACCOUNT_ID;
const client = new sdk.Cloudflare({
  baseURL: env.CLOUDFLARE_BASE_URL, apiToken: env.CLOUDFLARE_API_TOKEN, maxRetries: 0,
});
const [name] = process.argv.slice(2);
const scripts = client.workers.scripts;
const beta = client.workers.beta?.workers;
const made = {}; // what one call made and another asks for

const account = { account_id };
const source = (text) => `export default { fetch() { return new Response("${text}"); } };\n`;
const file = (text) => new File([source(text)], 'index.js', { type: 'application/javascript+module' });
const metadata = { main_module: 'index.js', compatibility_date: '2025-05-01' };
const MODULE = 'application/javascript+module';
const module = (text) => ({
  name: 'index.js', content_type: MODULE, content_base64: Buffer.from(source(text)).toString('base64'),
});

// Some releases have a pager where others have one answer.
async function collect(list) {
  if (!list[Symbol.asyncIterator]) return (await list).deployments;
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

// Of a thing of a Worker: some releases take both ids in the path's order, others the Worker's among the parameters.
function ofWorker(resource, method, worker, id, more = {}) {
  const params = { ...account, ...more };
  return resource[method].length > 3 ? resource[method](worker, id, params)
    : resource[method](id, { ...params, script_name: worker, worker_id: worker });
}

const text = async (answer) => (typeof answer === 'string' ? answer : await answer.text());
const live = async () => (await collect(scripts.deployments.list(name, account)))[0].versions[0].version_id;

const host = `${name}.zone.test`;  // below a zone of the server's

// Each makes its call, and tells whether what came is right.
const CALLS = {
  'user.tokens.verify': async () => (await client.user.tokens.verify()).status === 'active',
  'accounts.tokens.verify': async () => (await client.accounts.tokens.verify(account)).status === 'active',
  'accounts.get': async () => (await client.accounts.get(account)).id === account_id,
  'accounts.list': async () => (await collect(client.accounts.list())).some((one) => one.id === account_id),
  'memberships.list': async () => (await collect(client.memberships.list())).length > 0,
  'user.get': async () => (await client.user.get()).id.length === 32,

  'workers.accountSettings.get': async () =>
    (await client.workers.accountSettings.get(account)).default_usage_model === 'standard',
  'workers.accountSettings.update': async () =>
    (await client.workers.accountSettings.update({ ...account, default_usage_model: 'standard' })).green_compute === false,
  'workers.subdomains.get': async () => (made.subdomain = (await client.workers.subdomains.get(account)).subdomain) !== '',
  'workers.subdomains.update': async () =>
    (await client.workers.subdomains.update({ ...account, subdomain: made.subdomain })).subdomain === made.subdomain,

  'workers.scripts.list': async () => (await collect(scripts.list(account))).some((one) => one.id === name),
  'workers.scripts.search': async () => {
    const found = await scripts.search({ ...account, name: name.slice(0, -1) });
    made.tag = found.find((one) => one.script_name === name).id;
    return (await scripts.search({ ...account, id: made.tag }))[0].script_name === name;
  },
  'workers.scripts.get': async () => (await text(await scripts.get(name, account))).includes('export default'),
  'workers.scripts.update': async () => {
    const answer = await scripts.update(name, {
      ...account, metadata: { ...metadata, bindings: [{ name: 'V', type: 'plain_text', text: 'v' }] }, files: [file('updated')],
    });
    return answer.id === name && (await text(await scripts.get(name, account))).includes('updated');
  },
  'workers.scripts.content.get': async () =>
    (await text(await scripts.content.get(name, account))).includes('export default'),
  'workers.scripts.content.update': async () => {
    await scripts.content.update(name, { ...account, metadata: { main_module: 'index.js' }, files: [file('content')] });
    const settings = await scripts.scriptAndVersionSettings.get(name, account);
    return (await text(await scripts.content.get(name, account))).includes('content') &&
      settings.bindings.some((one) => one.name === 'KEPT');
  },
  'workers.scripts.versions.create': async () => {
    const version = await scripts.versions.create(name, { ...account, metadata, files: [file('version')] });
    return (made.version = version.id).length === 36 && (await live()) !== made.version;
  },
  'workers.scripts.versions.list': async () => (await collect(scripts.versions.list(name, account))).length > 0,
  'workers.scripts.versions.get': async () => {
    const [newest] = await collect(scripts.versions.list(name, account));
    const version = await ofWorker(scripts.versions, 'get', name, newest.id);
    return version.resources.script_runtime.compatibility_date === '2025-05-01';
  },
  'workers.scripts.deployments.create': async () => {
    const versions = [{ version_id: await live(), percentage: 100 }];
    made.deployment = (await scripts.deployments.create(name, { ...account, strategy: 'percentage', versions })).id;
    return made.deployment.length === 36;
  },
  'workers.scripts.deployments.list': async () =>
    (await collect(scripts.deployments.list(name, account)))[0].id === made.deployment,
  'workers.scripts.deployments.get': async () =>
    (await ofWorker(scripts.deployments, 'get', name, made.deployment)).versions[0].percentage === 100,
  'workers.scripts.deployments.delete': async () => (await ofWorker(scripts.deployments, 'delete', name, made.deployment)) !== undefined,
  'workers.scripts.secrets.update': async () => {
    await undraft();
    return (await scripts.secrets.update(name, { ...account, name: 'FRESH', text: 's', type: 'secret_text' })).name === 'FRESH';
  },
  'workers.scripts.secrets.bulkUpdate': async () => {
    await scripts.secrets.bulkUpdate(name, { ...account, secrets: { MORE: { name: 'MORE', type: 'secret_text', text: 's' } } });
    return (await collect(scripts.secrets.list(name, account))).some((one) => one.name === 'MORE');
  },
  'workers.scripts.secrets.list': async () =>
    (await collect(scripts.secrets.list(name, account))).some((one) => one.name === 'KEPT'),
  'workers.scripts.secrets.get': async () => (await ofWorker(scripts.secrets, 'get', name, 'KEPT')).type === 'secret_text',
  'workers.scripts.secrets.delete': async () => {
    await ofWorker(scripts.secrets, 'delete', name, 'KEPT');
    return !(await collect(scripts.secrets.list(name, account))).some((one) => one.name === 'KEPT');
  },
  'workers.scripts.settings.edit': async () =>
    (await scripts.settings.edit(name, { ...account, tags: ['a'] })).tags.includes('a'),
  'workers.scripts.settings.get': async () => (await scripts.settings.get(name, account)).tags.includes('a'),
  'workers.scripts.scriptAndVersionSettings.get': async () =>
    Array.isArray((await scripts.scriptAndVersionSettings.get(name, account)).bindings),
  'workers.scripts.scriptAndVersionSettings.edit': async () => {
    await undraft();
    const settings = { bindings: [{ name: 'EDITED', type: 'plain_text', text: 'e' }] };
    const answer = await scripts.scriptAndVersionSettings.edit(name, { ...account, settings });
    return answer.bindings.some((one) => one.name === 'EDITED');
  },
  'workers.scripts.schedules.update': async () =>
    (await scripts.schedules.update(name, { ...account, body: [{ cron: '0 4 * * *' }] })).schedules[0].cron === '0 4 * * *',
  'workers.scripts.schedules.get': async () =>
    (await scripts.schedules.get(name, account)).schedules[0].cron === '0 4 * * *',
  'workers.domains.update': async () => {
    made.domain = await client.workers.domains.update(
      { ...account, hostname: host, service: name, environment: 'production' });
    return made.domain.hostname === host;
  },
  'workers.domains.list': async () =>
    (await collect(client.workers.domains.list(account))).some((one) => one.hostname === host),
  'workers.domains.get': async () => (await client.workers.domains.get(made.domain.id, account)).hostname === host,
  'workers.domains.delete': async () => {
    await client.workers.domains.delete(made.domain.id, account);
    return (await collect(client.workers.domains.list(account))).length === 0;
  },
  'workers.routes.create': async () => {
    made.zone = (await collect(client.zones.list({ name: 'zone.test' })))[0].id;
    made.route = (await client.workers.routes.create({ zone_id: made.zone, pattern: `${host}/a/*`, script: name })).id;
    return made.route.length === 32;
  },
  'workers.routes.list': async () =>
    (await collect(client.workers.routes.list({ zone_id: made.zone }))).some((one) => one.id === made.route),
  'workers.routes.get': async () =>
    (await client.workers.routes.get(made.route, { zone_id: made.zone })).pattern === `${host}/a/*`,
  'workers.routes.update': async () => {
    const route = { zone_id: made.zone, pattern: `${host}/b/*`, script: name };
    return (await client.workers.routes.update(made.route, route)).pattern === `${host}/b/*`;
  },
  'workers.routes.delete': async () => {
    await client.workers.routes.delete(made.route, { zone_id: made.zone });
    return !(await collect(client.workers.routes.list({ zone_id: made.zone }))).some((one) => one.id === made.route);
  },
  'workers.scripts.subdomain.create': async () =>
    (await scripts.subdomain.create(name, { ...account, enabled: true, previews_enabled: true })).previews_enabled === true,
  'workers.scripts.subdomain.get': async () => (await scripts.subdomain.get(name, account)).enabled === true,
  'workers.scripts.subdomain.delete': async () => (await scripts.subdomain.delete(name, account)).enabled === false,
  'workers.scripts.tail.create': async () => (made.tail = (await scripts.tail.create(name, { ...account, body: {} })).id) !== '',
  'workers.scripts.tail.get': async () => (await scripts.tail.get(name, account)).id === made.tail,
  'workers.scripts.tail.delete': async () => (await ofWorker(scripts.tail, 'delete', name, made.tail)) !== undefined,
  'workers.scripts.assets.upload.create': async () => {
    const manifest = { '/a.txt': { hash: '0123456789abcdef0123456789abcdef', size: 1 } };
    const session = await scripts.assets.upload.create(name, { ...account, manifest });
    made.jwt = session.jwt;
    return session.buckets[0][0] === manifest['/a.txt'].hash;
  },
  'workers.assets.upload.create': async () => {
    const asset = new File(['YQ=='], '0123456789abcdef0123456789abcdef', { type: 'text/plain' });
    const body = { '0123456789abcdef0123456789abcdef': asset };
    const options = { headers: { authorization: `Bearer ${made.jwt}` } };
    const answer = await client.workers.assets.upload.create({ ...account, base64: true, body }, options);
    return typeof answer.jwt === 'string';
  },

  'workers.beta.workers.create': async () => {
    const worker = await beta.create({ ...account, name: `${name}-beta`, tags: ['a'], subdomain: { enabled: true } });
    return (made.worker = worker.id).length === 32 && worker.tags[0] === 'a' && Array.isArray(worker.references.workers);
  },
  'workers.beta.workers.get': async () => {
    const byName = await beta.get(`${name}-beta`, account);
    return byName.id === made.worker && (await beta.get(made.worker, account)).name === byName.name;
  },
  'workers.beta.workers.list': async () => (await collect(beta.list(account))).some((one) => one.id === made.worker),
  'workers.beta.workers.edit': async () => {
    const edited = await beta.edit(made.worker, { ...account, logpush: true });
    const again = await beta.edit(`${name}-beta`, { ...account, tags: ['b'] });
    return edited.logpush && again.logpush && again.tags[0] === 'b';
  },
  'workers.beta.workers.update': async () => {
    const byId = await beta.update(made.worker, { ...account, name: `${name}-beta`, tags: ['c'] });
    return !byId.logpush && (await beta.update(`${name}-beta`, { ...account, name: `${name}-beta` })).tags.length === 0;
  },
  'workers.beta.workers.versions.create': async () => {
    const body = { ...account, main_module: 'index.js', compatibility_date: '2025-05-01', modules: [module('beta')] };
    made.flat = (await beta.versions.create(made.worker, { ...body, deploy: true })).id;
    return (await beta.versions.create(`${name}-beta`, body)).id !== made.flat;
  },
  'workers.beta.workers.versions.list': async () => {
    const found = await collect(beta.versions.list(made.worker, account));
    return found.length === 2 && (await collect(beta.versions.list(`${name}-beta`, account))).length === 2;
  },
  'workers.beta.workers.versions.get': async () => {
    const version = await ofWorker(beta.versions, 'get', made.worker, made.flat, { include: 'modules' });
    return version.modules[0].content_base64 === module('beta').content_base64 &&
      (await ofWorker(beta.versions, 'get', `${name}-beta`, 'latest')).number === 2;
  },
  'workers.beta.workers.versions.delete': async () =>
    (await ofWorker(beta.versions, 'delete', made.worker, made.flat)) !== undefined,
  'workers.beta.workers.delete': async () => {
    await beta.delete(made.worker, account);
    await beta.create({ ...account, name: `${name}-beta` });
    await beta.delete(`${name}-beta`, { ...account, force: true });
    return !(await collect(beta.list(account))).some((one) => one.name === `${name}-beta`);
  },
  'workers.scripts.delete': async () => {
    await scripts.delete(name, { ...account, force: true });
    return !(await collect(scripts.list(account))).some((one) => one.id === name);
  },
};

// Secrets and settings are changed on the version that is deployed.
async function undraft() {
  const [newest] = await collect(scripts.versions.list(name, account));
  const versions = [{ version_id: newest.id, percentage: 100 }];
  await scripts.deployments.create(name, { ...account, strategy: 'percentage', versions });
}

// Every method of a resource and of those below it, by its dotted name.
function* methodsOf(resource, prefix) {
  for (let kind = Object.getPrototypeOf(resource); kind && kind.constructor.name !== 'APIResource' && kind !== Object.prototype;
    kind = Object.getPrototypeOf(kind)) {
    for (const method of Object.getOwnPropertyNames(kind)) {
      if (method !== 'constructor' && typeof resource[method] === 'function') yield [`${prefix}.${method}`, resource, method];
    }
  }
  for (const [key, value] of Object.entries(resource)) {
    if (!key.startsWith('_') && value && typeof value === 'object' && '_client' in value) yield* methodsOf(value, `${prefix}.${key}`);
  }
}

// A method that has no call here: it must be refused by name, whatever it is called with.
async function plainly(resource, method) {
  const about = { account_id, zone_id: '0'.repeat(32), script_name: name };
  const answer = resource[method].length > 2 ? resource[method]('x', about) : resource[method](about);
  return answer?.[Symbol.asyncIterator] ? (await collect(answer)) !== undefined : (await answer) !== undefined;
}

async function outcome(call) {
  try {
    return (await call()) ? ['works', ''] : ['wrong', 'the answer is not the right one'];
  } catch (error) {
    if (!(error instanceof sdk.APIError) || !error.errors?.length) return ['wrong', String(error)];
    return ['refused', error.errors[0].message];
  }
}

const there = new Map();
for (const [dotted, resource, method] of methodsOf(client.workers, 'workers')) there.set(dotted, [resource, method]);
for (const dotted of Object.keys(CALLS)) {
  const path = dotted.split('.');
  const method = path.pop();
  const resource = path.reduce((at, key) => at?.[key], client);
  if (typeof resource?.[method] === 'function') there.set(dotted, [resource, method]);
}
const order = [...Object.keys(CALLS).filter((dotted) => there.has(dotted)), ...[...there.keys()].filter((dotted) => !(dotted in CALLS)).sort()];
const results = [];
for (const dotted of order) {
  const [resource, method] = there.get(dotted);
  results.push([dotted, ...(await outcome(CALLS[dotted] ?? (() => plainly(resource, method))))]);
}
console.log(JSON.stringify(results));
