// GitHub's own client against FORGE_API: makes the requests of the JSON in argv, one after another, and prints what each got.
//   [{route: "GET /repos/{owner}/{repo}", params: {…}, pages?: true}]  →  [{status, data, headers} | {status, error}]
// As an App's installation (APP_ID, APP_KEY, INSTALLATION), as the App (APP_ID, APP_KEY), or with a token (TOKEN).
import { load } from '../lib/packages.mjs';

const env = process.env;
const { Octokit } = await load('@octokit/rest');
const { App } = await load('@octokit/app');
const options = { baseUrl: env.FORGE_API, userAgent: 'kiln-tests', log: { debug() {}, info() {}, warn() {}, error() {} } };

async function client() {
  if (env.TOKEN) return new Octokit({ ...options, auth: env.TOKEN });
  const app = new App({ appId: env.APP_ID, privateKey: env.APP_KEY, Octokit: Octokit.defaults(options), webhooks: { secret: 'unused' } });
  return env.INSTALLATION ? app.getInstallationOctokit(Number(env.INSTALLATION)) : app.octokit;
}

const octokit = await client();
const told = [];
for (const { route, params = {}, pages } of JSON.parse(process.argv[2])) {
  try {
    if (pages) told.push({ status: 200, data: await octokit.paginate(route, params) });
    else {
      const { status, data, headers } = await octokit.request(route, params);
      told.push({ status, data, headers });
    }
  } catch (error) {
    told.push({ status: error.status ?? 0, error: error.response?.data?.message ?? error.message, data: error.response?.data, headers: error.response?.headers });
  }
}
console.log(JSON.stringify(told));
