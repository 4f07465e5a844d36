// Signing in, keys, the palette, a server that goes and comes back, tabs that nobody sees.
import assert from 'node:assert/strict';
import { holds, until } from '../visit.mjs';

export async function a_code_leaves_the_address(visit) {
  const fake = await visit.fake('signed out');
  const page = await visit.page();
  await page.goto(`${fake.url}/login#good-code`);
  await page.getByRole('heading', { name: 'Welcome to Kiln' }).waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(await page.evaluate(() => JSON.stringify(history.state ?? null).includes('good-code')), false);
  await page.goto(`${fake.url}/login#another-code`); // the session is there: somebody else's link does not take its place unasked
  await page.getByRole('heading', { name: 'Sign in as somebody else?' }).waitFor();
  assert.equal(new URL(page.url()).hash, '');
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await page.getByRole('heading', { name: 'Welcome to Kiln' }).waitFor();
}

export async function a_bad_code_says_what_to_do(visit) {
  const fake = await visit.fake('signed out');
  const page = await visit.page();
  await page.goto(`${fake.url}/login#old`);
  await page.getByText('run `kiln dashboard` for a new one').waitFor();
  await page.getByLabel('API token').fill('bad');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.problem').waitFor();
  await page.getByLabel('API token').fill('good token');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Welcome to Kiln' }).waitFor();
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!stored.includes('good token'), 'the token is kept in the browser');
}

export async function a_deep_link_survives_sign_in(visit) {
  const fake = await visit.fake('ordinary');
  fake.state.isIn = false;
  const page = await visit.page();
  await page.goto(`${fake.url}/workers/shop`);
  await page.getByLabel('API token').fill('good');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'shop', exact: true }).waitFor();
}

export async function by_keyboard_alone(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(fake.url);
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('shop main');
  await page.locator('[role=option]').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.log').waitFor();
  await until(() => page.evaluate(() => document.activeElement?.tagName === 'H1'), 'the heading to have the focus');
  for (let i = 0; i < 60; i += 1) { // the log is reached, and what has the focus is always seen
    await page.keyboard.press('Tab');
    const about = await page.evaluate(() => {
      const own = document.activeElement;
      const box = own.getBoundingClientRect();
      const x = Math.min(innerWidth - 2, Math.max(1, box.left + Math.min(box.width / 2, 40)));
      const y = box.top + Math.min(box.height / 2, 12);
      const top = y >= 0 && y < innerHeight ? document.elementFromPoint(x, y) : own;
      return { isLog: own.getAttribute('role') === 'log', isSeen: own.contains(top) || top?.contains(own) || box.width <= 1, what: own.outerHTML.slice(0, 120), by: top?.outerHTML.slice(0, 120) };
    });
    assert.ok(about.isSeen, `${about.what} is covered by ${about.by}`);
    if (about.isLog) break;
    assert.ok(i < 59, 'the log is not reached');
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Escape');
  await until(() => page.evaluate(() => document.activeElement.getAttribute('role') === 'log'), 'the log to have the focus again');
}

export async function single_keys_can_be_turned_off(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(fake.url);
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('q');
  await page.getByRole('heading', { name: 'Queue and runners' }).waitFor();
  await page.keyboard.press('?');
  await page.getByLabel('Single keys do something').uncheck();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('h');
  await page.keyboard.press('?');
  assert.equal(await page.locator('dialog').count(), 0);
  assert.ok(page.url().endsWith('/queue'));
  await page.reload();
  await page.getByRole('heading', { name: 'Queue and runners' }).waitFor();
  await page.keyboard.press('h');
  assert.ok(page.url().endsWith('/queue'));
}

export async function a_server_that_goes_and_comes_back(visit) {
  const fake = await visit.fake('ordinary');
  const port = Number(new URL(fake.url).port);
  const page = await visit.page();
  await page.goto(fake.url);
  await page.locator('tbody tr').first().waitFor();
  await fake.stop();
  await page.getByText('Kiln does not answer').waitFor();
  assert.match(await page.locator('link[rel=icon]').getAttribute('href'), /offline/);
  assert.ok(await page.locator('tbody tr').count() > 0, 'what was there is still to be read');
  await visit.fake('many', port);
  await holds(page, 'the banner to go', () => !document.querySelector('.banner'));
  await holds(page, 'the 200 Workers of the server that came back', () => document.querySelectorAll('tbody tr').length === 200);
}

export async function news_come_by_themselves(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(fake.url);
  const row = page.locator('tbody tr', { hasText: 'blog' });
  await row.getByText('running').waitFor();
  await until(() => fake.requests.some((request) => request.includes('/events')), 'the stream to be opened');
  const build = fake.state.builds.list.find((one) => one.worker === 'blog');
  build.status = 'stopped';
  build.outcome = 'fail';
  fake.state.tell('build', fake.state.builds.summary(build));
  await row.getByText('failed').waitFor();
}

const setHidden = (page, isHidden) => page.evaluate((hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}, isHidden);

export async function tabs_share_one_stream_and_rest_when_hidden(visit) {
  const fake = await visit.fake('ordinary');
  const context = await visit.context();
  await context.clock.install(); // of the tabs, not of the worker that holds their stream
  const pages = [];
  for (let i = 0; i < 8; i += 1) {
    const page = await visit.page({ context });
    await page.goto(fake.url);
    await page.locator('tbody tr').first().waitFor();
    pages.push(page);
  }
  assert.equal(fake.requests.filter((request) => request.includes('/events')).length, 1);
  assert.equal(fake.open('/events'), 1);
  for (const page of pages.slice(1)) await setHidden(page, true);
  await context.clock.runFor(40_000);
  const late = fake.state.builds.add({ worker: 'latecomer', outcome: 'success', message: 'Come late', ago: 1 });
  fake.state.tell('build', fake.state.builds.summary(late));
  await pages[0].getByRole('link', { name: 'latecomer' }).waitFor(); // one tab is looked at: the stream is there for it
  await setHidden(pages[0], true);
  await context.clock.runFor(29_000);
  assert.equal(fake.open('/events'), 1, 'whoever is back at once finds the stream open');
  await context.clock.runFor(2_000);
  await until(() => fake.open('/events') === 0, 'the stream to be closed');
  const before = fake.requests.length;
  await context.clock.runFor(300_000);
  for (const page of pages) await page.evaluate(() => fetch('/livez')); // whatever the tab asked for before has arrived by then
  assert.deepEqual(fake.requests.slice(before), pages.map(() => 'GET /livez'), 'a hidden tab asks for something');
  await setHidden(pages[0], false);
  await until(() => fake.open('/events') === 1, 'the stream to be opened again');
}

export async function themes_are_remembered(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page({ theme: 'light' });
  await page.goto(`${fake.url}/account`);
  await page.getByLabel('dark', { exact: true }).check();
  await page.reload();
  await page.locator('h1').waitFor();
  const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(ground, 'rgb(19, 22, 27)');
}

export async function old_ways_of_copying_work_over_plain_http(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.addInitScript(() => { Object.defineProperty(globalThis, 'isSecureContext', { value: false }); });
  await page.goto(`${fake.url}/start`);
  await page.getByRole('button', { name: 'Copy the command' }).first().click();
  await page.getByText('the command copied').waitFor();
}
