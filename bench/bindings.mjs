// Miniflare with the Worker of bindings.py, its stores on the disk: node bindings.mjs MINIFLARE_FOLDER FOLDER PORT. Ends with its input.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [miniflare, folder, port] = process.argv.slice(2);
const { Miniflare } = createRequire(`${miniflare}/package.json`)(miniflare);
const server = new Miniflare({
  modules: [{ type: 'ESModule', path: 'index.js', contents: readFileSync(`${folder}/index.js`, 'utf8') }], compatibilityDate: '2026-01-01', host: '127.0.0.1', port: Number(port), cf: false,
  kvNamespaces: ['KV'], d1Databases: ['DB'], r2Buckets: ['MEDIA'], kvPersist: `${folder}/kv`, d1Persist: `${folder}/d1`, r2Persist: `${folder}/r2`,
});
await server.ready;
console.log('ready');
process.stdin.resume().on('end', async () => { await server.dispose(); process.exit(0); });
