// What bench/page.py measures, in milliseconds, counts and bytes.
import { holds, until } from '../visit.mjs';

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function enter(visit, { url, token }) {
  const page = await visit.page();
  await page.goto(`${url}/`);
  await page.getByLabel('API token').fill(token);
  await page.keyboard.press('Enter');
  await page.locator('header.bar').waitFor();
  return page;
}

// In the page itself: when a line was first drawn, from the start of the navigation.
const watchFirstLine = () => {
  const look = () => {
    const drawn = [...document.querySelectorAll('.line .tx')].some((text) => text.textContent);
    if (drawn) globalThis.firstLine ??= performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

export async function measure_long_log(visit, args) {
  const page = await enter(visit, args);
  await page.addInitScript(watchFirstLine);
  const first = [];
  for (let i = 0; i < 5; i += 1) {
    await page.goto(`${args.url}/builds/${args.build}`);
    await holds(page, 'the first line to be drawn', () => globalThis.firstLine);
    first.push(await page.evaluate(() => globalThis.firstLine));
  }
  const jumps = [];
  for (const share of [0.1, 0.93, 0.42, 0.77, 0.05, 0.5, 0.66, 0.21, 0.99, 0.34]) {
    jumps.push(await page.evaluate((to) => new Promise((resolve) => {
      const log = document.querySelector('.log');
      const box = log.getBoundingClientRect();
      const began = performance.now();
      log.scrollTop = log.scrollHeight * to;
      const look = () => {
        const seen = [...document.querySelectorAll('.line')].filter((line) => { const own = line.getBoundingClientRect(); return own.top >= box.top && own.bottom <= box.bottom; });
        const number = Number(seen[0]?.dataset.line ?? 0);
        const isThere = seen.length > 8 && seen.every((line) => line.querySelector('.tx').textContent) && Math.abs(number / 1_000_000 - to) < 0.03;
        if (isThere) resolve(performance.now() - began);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }), share));
  }
  const searches = [];
  for (const words of ['number 987654 ', 'no such words in it', 'number 4321 ']) {
    searches.push(await page.evaluate(async ({ account, build, q }) => {
      const began = performance.now();
      await (await fetch(`/client/v4/accounts/${account}/builds/builds/${build}/logs/search?${new URLSearchParams({ q, limit: '1', ignore_case: 'true' })}`, { cache: 'no-store' })).text();
      return performance.now() - began;
    }, { ...args, q: words }));
  }
  // Through all of it, for what stays in memory.
  for (let i = 0; i <= 100; i += 1) {
    await page.locator('.log').evaluate((log, to) => { log.scrollTop = (log.scrollHeight * to) / 100; }, i);
    await page.waitForTimeout(30);
  }
  const heap = await page.evaluate(() => { globalThis.gc?.(); return performance.memory.usedJSHeapSize; });
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  return { first: median(first), firsts: first, jump: median(jumps), jumpMost: Math.max(...jumps), search: median(searches), searchMost: Math.max(...searches), heap, nodes };
}

// A build that prints the time of each line; how old is it when it is drawn?
export async function measure_live(visit, args) {
  const page = await enter(visit, args);
  await page.goto(`${args.url}/builds/${args.build}`);
  await page.locator('.log').waitFor();
  await page.evaluate(() => {
    globalThis.ages = [];
    const known = new Set();
    const look = () => {
      for (const text of document.querySelectorAll('.line .tx')) {
        const found = /^printed at (\d{13})/.exec(text.textContent);
        if (!found || known.has(found[1])) continue;
        known.add(found[1]);
        globalThis.ages.push(Date.now() - Number(found[1]));
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await until(() => page.evaluate(() => globalThis.ages.length > 160), 'lines to be printed', 60_000);
  const ages = (await page.evaluate(() => globalThis.ages.slice(-150))).sort((a, b) => a - b);
  return { median: median(ages), p95: ages[Math.floor(ages.length * 0.95)] };
}

// What a person does at Home and at a build, by keys and by the pointer; how long the slowest took until it was painted. The browser
// tells durations in steps of 8 ms, and of those shorter than 16 nothing.
export async function measure_interactions(visit, args) {
  const page = await enter(visit, args);
  const watch = () => page.evaluate(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.interactionId) globalThis.longest = Math.max(globalThis.longest, entry.duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
  // Two frames later everything that was painted has been told.
  const longest = () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(globalThis.longest))))));
  await page.goto(`${args.url}/`);
  await page.locator('tbody a.name').first().waitFor();
  await watch();
  await page.locator('#filter').click();
  await page.keyboard.type('big');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('big');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await page.locator('.bar details.menu > summary').click();
  const home = await longest();
  await page.goto(`${args.url}/builds/${args.build}`);
  await page.locator('.line .tx').first().waitFor();
  await watch();
  await page.locator('#log-search').click();
  await page.keyboard.type('number 98765');
  await page.locator('mark').first().waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.locator('.log').focus();
  for (const key of ['n', 'p', 'w', 'w', 'o', 'o', 'End', 'Home']) await page.keyboard.press(key);
  await page.locator('.waterfall h2').click();
  return { home, build: await longest() };
}
