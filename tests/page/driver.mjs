// Runs scenarios in Debian's Chromium for pytest: one JSON request a line on stdin, {scenario, limit, args}; one JSON answer a line on
// stdout, {ok, value, answers} or {ok, error}. A scenario is a function that one of scenarios/*.mjs exports under its name; it gets a
// context of its own and `limit` seconds. `answers` is what the fakes said. Playwright tells on stderr what it waits for.
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Visit } from './visit.mjs';

const packages = createRequire(new URL('../../build/page/', import.meta.url));
const { chromium } = packages('playwright-core');

const scenarios = {};
const folder = new URL('./scenarios/', import.meta.url);
for (const file of readdirSync(fileURLToPath(folder))) Object.assign(scenarios, await import(new URL(file, folder)));

// Chromium's own sandbox wants namespaces that containers of CI do not always grant; what it opens here is loopback alone.
const browser = await chromium.launch({ executablePath: process.env.KILN_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost', '--js-flags=--expose-gc'] });

async function within(seconds, work) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done within ${seconds} s`)), seconds * 1000); });
  work.catch(() => undefined); // when it is late, nobody waits for how it ends
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { scenario, limit, args } = JSON.parse(line);
  let answer;
  const visit = new Visit(browser, packages.resolve('axe-core'));
  try {
    if (!scenarios[scenario]) throw new Error(`no scenario ${scenario}`);
    answer = { ok: true, value: (await within(limit, scenarios[scenario](visit, args))) ?? null, answers: visit.answers() };
    visit.assertQuiet();
  } catch (error) {
    answer = { ok: false, error: String(error.stack ?? error), screenshot: await visit.shoot(`/tmp/kiln-page-${scenario}.png`) };
  }
  await visit.end();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
