// A log of the fake server: written out for ordinary builds, computed line by line where it has a million.
const ESC = '\u001b';
const seconds = (offset) => new Date(Date.now() + offset * 1000).toISOString();

const SETUP = [
  ['Initializing build environment...', 'service'], ['Success: Finished initializing build environment', 'service'], ['Cloning repository...', 'service'],
  ['From https://github.com/acme/shop', 'build'], [' * branch            9fceb02d -> FETCH_HEAD', 'build'], ['HEAD is now at 9fceb02 Show the price', 'build'],
  ['Detected the following tools from environment: nodejs@22.16.0, npm@10.9.2', 'service'],
];
const INSTALL = [['Installing project dependencies: npm clean-install --progress=false', 'service'], [`${ESC}[33mnpm warn deprecated${ESC}[39m inflight@1.0.6: This module is not supported`, 'build'], ['added 312 packages in 4s', 'build']];
const INSTALL_FAILS = [
  ['Installing project dependencies: npm clean-install --progress=false', 'service'], [`${ESC}[31mnpm error${ESC}[39m code EUSAGE`, 'build'],
  [`${ESC}[31mnpm error${ESC}[39m`, 'build'], [`${ESC}[31mnpm error${ESC}[39m \`npm ci\` can only install packages when your package.json and package-lock.json are in sync.`, 'build'],
  [`${ESC}[31mnpm error${ESC}[39m Missing: stripe@17.4.0 from lock file`, 'build'], [`${ESC}[31mnpm error${ESC}[39m See https://docs.npmjs.com/cli/v10/commands/npm-ci for what to do.`, 'build'],
  ['Failed: error occurred while installing tools or dependencies', 'service'],
];
const BUILD = [
  ['Executing user build command: npm run build', 'service'], [`${ESC}[2m> shop@1.4.0 build${ESC}[22m`, 'build'], [`${ESC}[36mvite v7.1.2 ${ESC}[32mbuilding for production...${ESC}[39m`, 'build'],
  ['transforming (1)\rtransforming (320)\r✓ 842 modules transformed.', 'build'],
  ...Array.from({ length: 42 }, (_, i) => [`dist/assets/chunk-${String(i).padStart(2, '0')}.js ${ESC}[1m${ESC}[32m${(i * 3.7 + 1).toFixed(2).padStart(8)} kB${ESC}[39m${ESC}[22m │ gzip: ${(i * 1.3 + 0.4).toFixed(2)} kB`, 'build']),
  ['✓ built in 3.21s', 'build'],
];
const BUILD_FAILS = [...BUILD.slice(0, 20), [`${ESC}[31merror${ESC}[39m during build: src/till.ts:14:7: "card" is not exported by "src/pay.ts"`, 'build'], ['    at async build (file:///app/node_modules/vite/dist/node/chunks/dep.js:65:12)', 'build'], ['Failed: error occurred while running build command', 'service']];
const DEPLOY = [['Executing user deploy command: npx wrangler deploy', 'service'], [' ⛅️ wrangler 4.125.0', 'build'], ['Total Upload: 412.10 KiB / gzip: 98.22 KiB', 'build'], [`Deployed shop triggers: ${ESC}[4mhttp://shop.dev.localhost:8788${ESC}[24m`, 'build'], ['Success: Deploy command completed', 'service']];
const HOSTILE = [
  ['<script>alert(1)</script><img src=x onerror=alert(1)>', 'build'], [`${ESC}]0;owned${String.fromCharCode(7)}${ESC}]8;;javascript:alert(1)${ESC}\\click me${ESC}]8;;${ESC}\\`, 'build'],
  [`${ESC}[2J${ESC}[H${ESC}[31mcleared?${ESC}[0m`, 'build'], ['\u202Egnp.exe is what it seems\u2066', 'build'], ['javascript:alert(1) data:text/html,<script>alert(1)</script> http://ok.example/x', 'build'],
  ['W'.repeat(20_000), 'build'], [`${ESC}[31m${ESC}[41mred on red${ESC}[0m ${ESC}[30mblack${ESC}[0m ${ESC}[97mwhite${ESC}[0m ${ESC}[38;5;17mnavy${ESC}[0m ${ESC}[38;2;1;2;3mblacker${ESC}[0m`, 'build'],
  [`${ESC}[31mx${ESC}[32my`.repeat(3000), 'build'], ['error: the last words', 'build'],
];

export class Log {
  constructor(build) {
    this.build = build;
    this.readers = new Set();
    const failsAt = build.outcome === 'fail' ? build.steps ?? 'build' : null;
    const isQuiet = build.status === 'queued' || build.outcome === 'skipped';
    this.parts = isQuiet ? [] : [['initialize', SETUP.slice(0, 2)], ['clone', SETUP.slice(2, 6)], ['tools', SETUP.slice(6)], ['install', failsAt === 'install' ? INSTALL_FAILS : INSTALL]];
    if (!isQuiet && failsAt !== 'install') this.parts.push(['build', build.log === 'hostile' ? HOSTILE : failsAt ? BUILD_FAILS : build.outcome === null ? BUILD.slice(0, 14) : BUILD]);
    if (build.outcome === 'success') this.parts.push(['deploy', DEPLOY]);
    this.lines = this.parts.flatMap(([, lines]) => lines);
    this.total = build.total ?? this.lines.length;
    this.start = Date.now() - (build.ago - 2) * 1000;
  }

  line(number) { // from 1
    const known = this.lines[number - 1];
    const time = Math.round(this.start + (number / Math.max(60, this.total)) * 37_000);
    if (known && number <= this.lines.length) return [time, ...known];
    if (number === Math.floor(this.total * 0.7)) return [time, `${ESC}[31merror${ESC}[39m: something broke in line ${number}`, 'build'];
    return [time, `line ${number} of ${this.total}: the quick brown fox jumps over the lazy dog ${(number * 2654435761) % 4294967296}`, 'build'];
  }

  window(query) {
    const count = Math.min(1000, Number(query.get('count') ?? 200));
    const before = query.get('before');
    const from = before ? Math.max(1, Number(before) - count) : query.get('from') ? Number(query.get('from')) : Math.max(1, this.total - count + 1);
    const end = Math.min(this.total, before ? Number(before) - 1 : from + count - 1);
    const lines = [];
    for (let number = from; number <= end; number += 1) lines.push(this.line(number));
    return { first: from, lines, total: this.total, complete: this.build.status === 'stopped' };
  }

  steps() {
    let first = 1;
    const took = [1.2, 1.6, 0.3, 6, 24, 6];
    let from = -this.build.ago + 2;
    return this.parts.map(([step, lines], i) => {
      const isLast = i === this.parts.length - 1;
      const isRunning = isLast && this.build.status !== 'stopped';
      const state = isRunning ? 'running' : isLast && this.build.outcome === 'fail' ? 'failed' : isLast && ['cancelled', 'terminated'].includes(this.build.outcome) ? 'stopped' : 'done';
      const made = {
        step, attempt: 1, state, started_on: seconds(from), stopped_on: isRunning ? null : seconds(from + took[i]),
        command: { install: 'npm clean-install --progress=false', build: 'npm run build', deploy: 'npx wrangler deploy' }[step] ?? null, exit_code: state === 'done' ? 0 : state === 'failed' ? 1 : null, signal: null, first_line: first,
      };
      from += took[i];
      first += lines.length;
      return made;
    });
  }

  marks() {
    const errors = [];
    this.lines.forEach(([text], i) => { if (/error/i.test(text) && !/^Failed/.test(text) && !/^Success/.test(text)) errors.push({ line: i + 1, text: text.replace(/\u001b\[[0-9;]*m/g, '').slice(0, 200) }); });
    if (this.total > this.lines.length) errors.push({ line: Math.floor(this.total * 0.7), text: 'error: something broke' });
    const complete = this.build.status === 'stopped';
    return { total: this.total, complete, steps: this.steps(), errors, error_count: errors.length, first_error: this.build.outcome === 'fail' ? errors.at(this.build.total ? -1 : 0)?.line ?? this.total : null };
  }

  search(words, ignoresCase) {
    const wanted = ignoresCase ? words.toLowerCase() : words;
    const lines = [];
    let count = 0;
    for (let number = 1; number <= this.total; number += 1) {
      const text = this.line(number)[1].replace(/\u001b\[[0-9;]*m/g, '');
      if (!(ignoresCase ? text.toLowerCase() : text).includes(wanted)) continue;
      count += 1;
      if (lines.length < 10_000) lines.push(number);
    }
    return { total: this.total, count, lines, hits: [], next: null };
  }

  grow(lines) {
    if (this.build.status === 'stopped') return;
    this.total += lines;
    for (const reader of this.readers) reader();
  }

  follow(from, send) {
    let next = from;
    const more = () => {
      if (next <= this.total) {
        const window = this.window(new URLSearchParams({ from: String(next), count: '1000' }));
        next = window.first + window.lines.length;
        send('lines', String(next - 1), window);
      }
      if (this.build.status === 'stopped') send('end', String(next - 1), { build_uuid: this.build.id, build_outcome: this.build.outcome });
    };
    this.readers.add(more);
    more();
    return () => this.readers.delete(more);
  }
}
