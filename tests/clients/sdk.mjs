// The official TypeScript SDK against the server of the environment; prints what it found as JSON.
//
//   sdk.mjs scripts
//   sdk.mjs deployments NAME [PER_PAGE]     sdk.mjs versions NAME [PER_PAGE]     sdk.mjs version NAME ID
//   sdk.mjs pages PATH PER_PAGE             a list of the Builds API, by the SDK's own pager
//   sdk.mjs get PATH                        {ok, result} or {ok: false, kind, status, codes}
//
// PATH is below /accounts/{account}/builds. CLOUDFLARE_SDK is the file: URL of the SDK's index.mjs.
const env = process.env;
const sdk = await import(env.CLOUDFLARE_SDK);
const { V4PagePaginationArray } = await import(new URL('core/pagination.mjs', env.CLOUDFLARE_SDK));

const account_id = env.CLOUDFLARE_ACCOUNT_ID;
const client = new sdk.Cloudflare({
  baseURL: env.CLOUDFLARE_BASE_URL, apiToken: env.CLOUDFLARE_API_TOKEN, maxRetries: 0,
});
const scripts = client.workers.scripts;
const builds = (path) => `/accounts/${account_id}/builds${path}`;
const params = (perPage) => ({ account_id, ...(perPage ? { per_page: Number(perPage) } : {}) });

async function collect(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

// Every page that the pager visits; the last one is the empty page after which it stops.
async function pages(first) {
  const seen = [];
  for await (const page of (await first).iterPages()) {
    seen.push({ items: page.getPaginatedItems(), result_info: page.result_info });
  }
  return seen;
}

async function get(path) {
  try {
    return { ok: true, result: (await client.get(builds(path))).result };
  } catch (error) {
    if (!(error instanceof sdk.APIError)) throw error;
    return { ok: false, kind: error.constructor.name, status: error.status, codes: error.errors.map((e) => e.code) };
  }
}

const commands = {
  scripts: () => collect(scripts.list({ account_id })),
  deployments: (name, perPage) => pages(scripts.deployments.list(name, params(perPage))),
  versions: (name, perPage) => pages(scripts.versions.list(name, params(perPage))),
  version: (name, id) => scripts.versions.get(id, { account_id, script_name: name }),
  pages: (path, perPage) =>
    pages(client.getAPIList(builds(path), V4PagePaginationArray, { query: { per_page: Number(perPage) } })),
  get,
};

const [name, ...words] = process.argv.slice(2);
if (!(name in commands)) throw new Error(`unknown command ${name}`);
console.log(JSON.stringify(await commands[name](...words)));
