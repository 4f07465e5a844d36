// GitLab's client against FORGE_URL with TOKEN: makes the calls of the JSON in argv, one after another, and prints what each got.
//   [["ProjectHooks", "add", …arguments]…]  →  [{data} | {status, error}]
import { load } from '../lib/packages.mjs';

const { Gitlab } = await load('@gitbeaker/rest');
const api = new Gitlab({ host: process.env.FORGE_URL, token: process.env.TOKEN, queryTimeout: 20_000 });
const told = [];
for (const [resource, method, ...words] of JSON.parse(process.argv[2])) {
  try {
    told.push({ data: await api[resource][method](...words) });
  } catch (error) {
    told.push({ status: error.cause?.response?.status ?? 0, error: error.cause?.description ?? error.message });
  }
}
console.log(JSON.stringify(told.map((one) => (one.data === undefined && !one.error ? { data: null } : one))));
