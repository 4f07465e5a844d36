// Makes web/dist from web/src: types from the API's document, one bundle, one style sheet, hashed names.
//
//   node build.mjs           web/dist/index.html and web/dist/assets/*
//   node build.mjs --test    runs every src/**/*.test.ts with node:test
//   node build.mjs --types   src/api/schema.d.ts alone, for the editor and for tsc
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const BUDGET = 70_000; // bytes of the first load after gzip -9: the shell, the script, the style sheet, one icon

const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]);

async function makeTypes() {
  const document = join(here, '..', 'api', 'openapi.yaml');
  const types = join(here, 'src', 'api', 'schema.d.ts');
  const stamp = `// Made by web/build.mjs from api/openapi.yaml ${createHash('sha256').update(readFileSync(document)).digest('hex')}\n`;
  if (existsSync(types) && readFileSync(types, 'utf8').startsWith(stamp)) return;
  const { default: openapiTS, astToString } = await import('openapi-typescript');
  const tree = await openapiTS(new URL(`file://${document}`), { silent: true });
  writeFileSync(types, stamp + astToString(tree));
}

function runTests() {
  const out = join(here, '.tests');
  rmSync(out, { recursive: true, force: true });
  const tests = walk(join(here, 'src')).filter((file) => /\.test\.tsx?$/.test(file));
  esbuild.buildSync({
    entryPoints: tests, outdir: out, bundle: true, platform: 'node', format: 'esm', target: 'node20',
    outExtension: { '.js': '.mjs' }, sourcemap: 'inline', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'warning',
  });
  const files = walk(out).filter((file) => file.endsWith('.mjs'));
  const ran = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], { stdio: 'inherit' });
  process.exit(ran.status ?? 1);
}

const hashed = (name, bytes) => {
  const dot = name.lastIndexOf('.');
  return `${name.slice(0, dot)}-${createHash('sha256').update(bytes).digest('hex').slice(0, 10)}${name.slice(dot)}`;
};

// Each asset's own name → the name it is served by, which changes with its bytes.
function put(folder, name, bytes) {
  const named = hashed(name, bytes);
  writeFileSync(join(folder, 'assets', named), bytes);
  return `/assets/${named}`;
}

const built = (entry, define, more) => esbuild.buildSync({
  entryPoints: [join(here, 'src', entry)], bundle: true, write: false, minify: true, format: 'esm', target: ['es2022'],
  jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none', define, logLevel: 'warning', charset: 'utf8', ...more,
});
const bundle = (entry, define) => built(entry, define).outputFiles[0].contents;

// The first script, what it cannot begin without, and what it fetches later; esbuild hashes the names of all but the first.
function scripts(folder, define) {
  const { outputFiles, metafile } = built('main.tsx', define, { splitting: true, outdir: here, entryNames: 'page', chunkNames: '[name]-[hash]', metafile: true });
  const nameOf = (path) => basename(path);
  const imports = Object.fromEntries(Object.entries(metafile.outputs).map(([path, output]) => [nameOf(path), output.imports.filter((one) => one.kind === 'import-statement').map((one) => nameOf(one.path))]));
  const needed = new Set();
  const need = (name) => imports[name].forEach((one) => { if (!needed.has(one)) { needed.add(one); need(one); } });
  need('page.js');
  let first = '';
  for (const { path, contents } of outputFiles) {
    if (nameOf(path) === 'page.js') first = put(folder, 'page.js', contents);
    else writeFileSync(join(folder, 'assets', nameOf(path)), contents);
  }
  return { first, needed: [...needed].map((name) => `/assets/${name}`) };
}

function makePage() {
  const making = `${dist}.making.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(join(making, 'assets'), { recursive: true });
  const icons = {};
  for (const file of walk(join(here, 'icons'))) icons[basename(file, '.svg')] = put(making, basename(file), readFileSync(file));
  const live = put(making, 'live.js', bundle('live/worker.ts', {}));
  const style = put(making, 'page.css', bundle('styles/page.css', {}));
  const { first: script, needed } = scripts(making, { KILN_ICONS: JSON.stringify(icons), KILN_LIVE_WORKER: JSON.stringify(live) });
  const shell = readFileSync(join(here, 'index.html'), 'utf8')
    .replace('/page.css', style).replace('/page.js', script).replace('/icon.svg', icons.idle)
    .replace('</head>', `${needed.map((name) => `<link rel="modulepreload" href="${name}">\n`).join('')}</head>`);
  writeFileSync(join(making, 'index.html'), shell);
  const first = [join(making, 'index.html'), ...[style, script, ...needed, icons.idle].map((name) => join(making, name))];
  const weight = first.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
  if (weight > BUDGET) {
    rmSync(making, { recursive: true });
    throw new Error(`the first load weighs ${weight} bytes after gzip, more than ${BUDGET}`);
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(making, dist);
  const total = walk(dist).reduce((sum, file) => sum + statSync(file).size, 0);
  console.log(`web/dist: ${(weight / 1000).toFixed(1)} kB first load after gzip, of ${BUDGET / 1000} kB; ${(total / 1000).toFixed(0)} kB in all`);
}

try {
  await makeTypes();
  if (process.argv.includes('--test')) runTests();
  else if (!process.argv.includes('--types')) makePage();
} catch (error) {
  console.error(`web/build.mjs: ${error.message}`);
  process.exit(1);
}
