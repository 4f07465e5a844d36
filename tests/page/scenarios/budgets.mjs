// Budgets that cost nothing to look at: bytes of the first load, elements, requests. bench/page.py measures the times.
import assert from 'node:assert/strict';

const MOST_BYTES = 70_000; // after compression, on the wire
const MOST_ELEMENTS = 1_400;

// All that a browser without a cache fetches for Home, but for the API's answers.
export async function first_load_is_light(visit, { url }) {
  const page = await visit.page();
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  const urls = new Map();
  const sizes = new Map();
  client.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, new URL(response.url).pathname));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  await page.goto(`${url}/`);
  await page.locator('h1').waitFor();
  await page.waitForLoadState('load');
  const loaded = [...sizes].map(([id, size]) => [urls.get(id) ?? '', size]).filter(([path]) => path === '/' || path.startsWith('/assets/'));
  assert.ok(loaded.length >= 3, JSON.stringify(loaded));
  const bytes = loaded.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes: ${JSON.stringify(loaded)}`);
  return bytes;
}

// However long the log is and wherever it is read.
export async function long_logs_make_few_elements(visit) {
  const fake = await visit.fake('million');
  const page = await visit.page();
  await page.goto(`${fake.url}/builds/${fake.state.builds.list[0].id}`);
  await page.locator('.line .tx').first().waitFor();
  let most = 0;
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    await page.locator('.log').evaluate((log, to) => { log.scrollTop = log.scrollHeight * to; }, share);
    await page.waitForFunction(() => [...document.querySelectorAll('.line')].length > 8 && document.querySelector('.line .tx')?.textContent);
    most = Math.max(most, await page.evaluate(() => document.querySelectorAll('*').length));
  }
  assert.ok(most <= MOST_ELEMENTS, `${most} elements`);
  return most;
}
