// Gitea's client against FORGE_URL with TOKEN: makes the calls of the JSON in argv, one after another, and prints what each got.
//   [["repos", "repoCreateHook", …arguments]…]  →  [{status, data} | {status, error}]
import { load } from '../lib/packages.mjs';

const { giteaApi } = await load('gitea-js');
const api = giteaApi(process.env.FORGE_URL, { token: process.env.TOKEN, customFetch: fetch });
const told = [];
for (const [group, method, ...words] of JSON.parse(process.argv[2])) {
  try {
    const { status, data } = await api[group][method](...words);
    told.push({ status, data });
  } catch (error) {
    told.push({ status: error.status ?? 0, error: error.error?.message ?? String(error.message ?? error) });
  }
}
console.log(JSON.stringify(told));
