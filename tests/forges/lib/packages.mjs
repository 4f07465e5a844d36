// The npm packages that tools/setup.sh put into build/forges.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const folder = new URL(process.env.KILN_FORGES ? pathToFileURL(process.env.KILN_FORGES + '/') : '../../../build/forges/', import.meta.url);
const require = createRequire(new URL('package.json', folder));

export const load = (name) => import(pathToFileURL(require.resolve(name)));
export const data = (name) => require(name);
