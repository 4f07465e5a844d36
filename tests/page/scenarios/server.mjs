// The page against a real `kiln serve`. pytest brings the server into its state and says where it is.
import assert from 'node:assert/strict';
import { ask, holds } from '../visit.mjs';

async function signedIn(visit, { url, token }, options = {}) {
  const page = await visit.page(options);
  await page.goto(`${url}/`);
  await page.getByLabel('API token').fill(token);
  await page.keyboard.press('Enter');
  await page.locator('header.bar').waitFor();
  return page;
}

export async function sign_in_by_link(visit, { url, link }) {
  const page = await visit.page();
  await page.goto(link);
  await page.locator('header.bar').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  const [cookie] = await page.context().cookies();
  assert.ok(cookie.httpOnly && cookie.sameSite === 'Strict' && cookie.path === '/', JSON.stringify(cookie));
  assert.equal(await page.evaluate(() => document.cookie), '');
  await visit.assertSound(page, 'signed in');
  const other = await visit.page(); // a link is good once
  await other.goto(link);
  await other.locator('.problem').waitFor();
  await page.locator('.bar details.menu > summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Kiln' }).waitFor();
  assert.equal((await page.request.get(`${url}/kiln/v1/session`)).status(), 401);
}

export async function first_run_ticks(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/start`);
  await page.locator('.steps > li').nth(2).waitFor();
  assert.ok(await page.locator('.steps > li.done').count() < 3);
  await ask(args.work);
  await holds(page, 'all three steps to be done', () => document.querySelectorAll('.steps > li.done').length === 3, 90_000);
}

// Signed in by an administrator's link: the machine is examined, a repository of it connected, and built.
export async function connected_by_the_page(visit, { url, link, bare, worker, missing }) {
  const page = await visit.page();
  await page.goto(link);
  await page.locator('header.bar').waitFor();
  await page.goto(`${url}/start`);
  await page.getByText('Builds can run on it').waitFor({ timeout: 90_000 });
  await page.getByText(/things? (is|are) as (it|they) should be/).click();
  await page.getByRole('row', { name: /^bubblewrap/ }).waitFor();
  await page.getByRole('row', { name: /^readiness/ }).waitFor();
  await visit.assertSound(page, 'first steps with findings of a real machine');
  await page.getByRole('link', { name: 'Or connect it here' }).click();
  await page.getByRole('textbox', { name: 'Repository' }).fill('shop');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('repo_url').waitFor();
  await page.getByRole('textbox', { name: 'Repository' }).fill(missing);
  await page.getByRole('textbox', { name: 'Worker', exact: true }).fill(`${worker}-missing`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `${worker}-missing is connected` }).waitFor();
  await page.getByText(/Kiln cannot read the repository yet, .*nowhere\.git/).waitFor();
  await page.goto(`${url}/connect`);
  await page.getByRole('textbox', { name: 'Repository' }).fill(bare);
  await page.getByRole('textbox', { name: 'Worker', exact: true }).fill(worker);
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('heading', { name: `${worker} is connected` }).waitFor();
  const command = await page.locator('.command code').innerText();
  await visit.assertSound(page, 'a repository connected to a real server');
  await page.getByRole('button', { name: 'Build it now' }).click();
  await page.waitForURL(/\/builds\//);
  return { build: new URL(page.url()).pathname.split('/').at(-1), command };
}

export async function failed_build(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/builds/${args.build}`);
  await page.locator('.line', { hasText: args.error }).first().waitFor();
  assert.ok((await page.locator('h1').innerText()).length > 12);
  assert.match(await page.title(), /^✗ .* failed/);
  assert.ok(await page.locator('.waterfall li.failed').count() >= 1, 'the step that failed is marked');
  assert.ok(await page.locator('.different').getByText(/different since the last good build/).count() >= 1, 'what is different is told');
  await visit.assertSound(page, 'a failed build');
  if (args.picture) {
    await page.setViewportSize({ width: 1200, height: 980 });
    await page.evaluate(() => document.activeElement?.blur());
    await page.screenshot({ path: args.picture });
  }
  await page.locator('#log-search').fill(args.error);
  await page.locator('mark').first().waitFor();
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.waitForURL((address) => address.pathname.startsWith('/builds/') && !address.pathname.includes(args.build));
  return new URL(page.url()).pathname.split('/').at(-1);
}

export async function live_build_is_cancelled(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/builds/${args.build}`);
  await page.locator('.line', { hasText: args.last }).waitFor({ timeout: 90_000 });
  await holds(page, 'the title to say that it runs', () => document.title.startsWith('●'));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel the build' }).click();
  await holds(page, 'the heading to say that it was cancelled', () => /cancelled/i.test(document.querySelector('h1').innerText));
}

export async function push_that_was_not_built(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/workers/${args.worker}/pushes`);
  await page.locator('tbody a', { hasText: 'do not include' }).first().click();
  await page.getByRole('button', { name: 'Build it now' }).click();
  await page.getByRole('button', { name: 'Build', exact: true }).click();
  await page.waitForURL(/\/builds\//);
  const built = new URL(page.url()).pathname.split('/').at(-1);
  await page.goto(`${args.url}/workers/${args.worker}/pushes`);
  await page.locator('.tester summary').click();
  await page.locator('.tester').getByLabel('Branch').fill('main');
  await page.locator('.tester').getByRole('button', { name: 'Test' }).click();
  await page.locator('.tester').getByText('would be built').waitFor();
  await visit.assertSound(page, 'pushes');
  return built;
}

export async function settings_are_changed(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/workers/${args.worker}/settings`);
  await page.locator('section[aria-labelledby=triggers] details.panel').first().waitFor();
  await page.locator('section[aria-labelledby=triggers] details.panel').first().evaluate((panel) => { panel.open = true; });
  const command = page.getByLabel('Build command').first();
  await command.waitFor();
  await command.fill(args.command);
  await page.getByRole('table', { name: 'What will be changed' }).first().waitFor();
  await page.locator('.next-build', { hasText: args.command }).first().waitFor();
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.getByText('Saved').waitFor();
  const variables = page.locator('.variables').first();
  await variables.getByLabel('Name').fill('PAGE_SECRET');
  await variables.getByLabel('secret').check();
  await variables.getByLabel('Value').fill('never shown again');
  await variables.getByRole('button', { name: 'Set' }).click();
  await variables.getByRole('row', { name: /PAGE_SECRET/ }).waitFor();
  assert.ok(!(await page.content()).includes('never shown again'));
  await page.evaluate(() => globalThis.scrollTo(0, 0)); // what has scrolled below the heading's bar counts as covered
  await visit.assertSound(page, 'settings');
}

export async function a_trigger_is_paused(visit, args) {
  const page = await visit.page();
  await page.goto(args.link);
  await page.locator('header.bar').waitFor();
  await page.goto(`${new URL(args.link).origin}/workers/${args.worker}/settings`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('summary .badge', { hasText: 'paused' }).waitFor();
  await page.goto(`${new URL(args.link).origin}/workers/${args.worker}`);
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await page.goto(`${new URL(args.link).origin}/account/audit`);
  const newest = page.locator('tbody tr').first();
  await newest.getByText('update trigger').click();
  await newest.getByText('paused').waitFor();
  await newest.getByText('on the page').waitFor();
  await visit.assertSound(page, 'the audit');
}

export async function promote_and_roll_back(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/builds/${args.older}`);
  await page.getByRole('button', { name: 'Roll back to it' }).click();
  await page.getByRole('button', { name: 'Make it live' }).click();
  await page.locator('.build-facts').getByText('live, 100 %').waitFor();
  await page.goto(`${args.url}/workers/${args.worker}`);
  await page.locator('.versions tbody tr').nth(1).getByText('100 %').waitFor();
  await visit.assertSound(page, 'a Worker');
  await page.locator('.versions tbody tr').first().getByRole('link').first().click();
  await page.getByRole('heading', { name: 'Different from what is live' }).waitFor();
  await visit.assertSound(page, 'a version');
}

export async function sessions_are_ended(visit, args) {
  const mine = await signedIn(visit, args);
  const other = await signedIn(visit, args);
  await mine.goto(`${args.url}/account`);
  await mine.getByRole('button', { name: 'End all others' }).click();
  await mine.getByText(/session(s have| has) ended/).waitFor();
  await other.goto(`${args.url}/queue`);
  await other.getByRole('heading', { name: 'Sign in to Kiln' }).waitFor();
  await visit.assertSound(mine, 'account');
}

export async function comes_back_after_a_restart(visit, args) {
  const page = await signedIn(visit, args);
  await page.locator('h1').waitFor();
  await page.evaluate(() => { globalThis.sameTab = true; });
  await ask(args.stop);
  await page.getByText('Kiln does not answer').waitFor();
  await ask(args.start);
  await holds(page, 'the banner to go', () => !document.querySelector('.banner'));
  assert.equal(await page.evaluate(() => globalThis.sameTab), true);
  await page.goto(`${args.url}/queue`);
  await page.getByRole('heading', { name: 'Queue and runners' }).waitFor();
}

// A Worker under the page's own site does what it can with the session of whoever opens it.
export async function hostile_worker(visit, args) {
  const page = await signedIn(visit, args);
  const before = await page.evaluate(async () => (await (await fetch('/kiln/v1/sessions')).json()).result.length);
  const there = await visit.page({ context: page.context(), foreign: true });
  await there.goto(args.worker);
  const said = await there.evaluate(async ({ url, account, build }) => {
    const tried = {};
    const attempt = async (name, run) => { tried[name] = await run().catch((error) => `refused: ${error.message}`); };
    const api = `${url}/client/v4/accounts/${account}/builds`;
    await attempt('read', async () => (await fetch(`${url}/kiln/v1/session`, { credentials: 'include' })).text());
    await attempt('read without cors', async () => (await fetch(`${api}/overview`, { credentials: 'include', mode: 'no-cors' })).type);
    await attempt('end the session', async () => (await fetch(`${url}/kiln/v1/session`, { method: 'DELETE', credentials: 'include' })).status);
    await attempt('post', async () => (await fetch(`${api}/builds/${build}/retry`, { method: 'POST', credentials: 'include', mode: 'no-cors' })).type);
    await attempt('post a form', async () => (await fetch(`${api}/builds/${build}/retry`, { method: 'POST', credentials: 'include', mode: 'no-cors', body: new URLSearchParams({ a: '1' }) })).type);
    await attempt('listen', () => new Promise((resolve) => {
      const source = new EventSource(`${api}/events`, { withCredentials: true });
      source.onopen = () => resolve('open');
      source.onerror = () => { source.close(); resolve('refused'); };
    }));
    await attempt('frame', () => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      frame.onload = () => resolve('loaded');
      document.body.append(frame);
    }));
    return tried;
  }, args);
  assert.match(said.read, /^refused/, JSON.stringify(said));
  assert.equal(said.listen, 'refused', JSON.stringify(said));
  const framed = there.frames().find((frame) => frame !== there.mainFrame());
  assert.match(framed.url(), /^chrome-error:/, 'Kiln is shown in a frame');
  const after = await page.evaluate(async () => (await (await fetch('/kiln/v1/sessions')).json()).result.length);
  assert.equal(after, before, 'the session was ended from elsewhere');
  assert.equal((await page.request.get(`${args.url}/kiln/v1/session`, { headers: { 'sec-fetch-site': 'same-origin' } })).status(), 200);
  return said;
}

export async function hostile_build(visit, args) {
  const page = await signedIn(visit, args);
  await page.goto(`${args.url}/builds/${args.build}`);
  await page.locator('.line:not(.service)', { hasText: '<img src=x onerror=alert(1)>' }).waitFor();
  assert.equal(await page.locator('main img, [onerror]').count(), 0);
  assert.ok(!(await page.title()).includes('owned'));
  await page.getByText('<img src=x onerror=alert(2)>').first().waitFor();
  await visit.assertSound(page, 'a hostile build');
}
