// Signing in by a real provider of identities, as a person does.
import assert from 'node:assert/strict';

async function atProvider(visit, url, path = '/') {
  const page = await visit.page();
  await page.goto(url + path);
  await page.getByRole('button', { name: 'Sign in with Example' }).click();
  await page.getByLabel('Name').waitFor();
  return page;
}

async function enter(page, name) {
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

// Comes back to where the person wanted to go, and says who they are; returns what they may do.
export async function signs_in_by_the_provider(visit, { url, name }) {
  const page = await atProvider(visit, url, '/queue');
  await enter(page, name);
  await page.getByRole('heading', { name: 'Queue and runners' }).waitFor();
  assert.equal(page.url(), `${url}/queue`, 'the code has left the address');
  const cookies = await page.context().cookies(url);
  const own = cookies.filter((cookie) => cookie.name.startsWith('kiln_'));
  assert.deepEqual(own.map((cookie) => cookie.name.replace(/_\d+$/, '')), ['kiln_session'], JSON.stringify(own));
  assert.ok(own[0].httpOnly && own[0].sameSite === 'Strict');
  await page.goto(`${url}/account`);
  await page.getByText('by the sign-in provider').waitFor();
  await visit.assertSound(page, 'account of a person');
  return page.evaluate(async () => (await (await fetch('/kiln/v1/session')).json()).result.session);
}

// The page offers no more than the role gives.
export async function shows_what_the_role_gives(visit, { url, worker, build, name }) {
  const page = await atProvider(visit, url);
  await enter(page, name);
  await page.locator('header.bar').waitFor();
  await page.goto(`${url}/builds/${build}`);
  await page.locator('.log').waitFor();
  const retry = await page.getByRole('button', { name: 'Retry' }).count();
  await page.goto(`${url}/workers/${worker}/settings`);
  await page.getByLabel('Build command').first().waitFor();
  return { retries: retry > 0, edits: await page.getByLabel('Build command').first().isEnabled() };
}

export async function is_told_why_not(visit, { url, name }) {
  const page = await atProvider(visit, url);
  await enter(page, name);
  await page.getByText('none of the groups has a role').waitFor();
  assert.equal((await page.context().cookies(url)).filter((cookie) => cookie.name.startsWith('kiln_session')).length, 0);
  await visit.assertSound(page, 'refused for want of a role');
  const other = await atProvider(visit, url);
  await other.getByRole('button', { name: 'Do not' }).click();
  await other.getByText('it was refused there').waitFor();
}

// Somebody sends a link that would sign this browser in as them; and one that makes words up.
export async function takes_no_answer_that_it_did_not_ask_for(visit, { url, brought }) {
  const page = await visit.page();
  await page.goto(`${url}/login?${new URLSearchParams(brought)}`);
  await page.getByText('was not begun by this browser').waitFor();
  assert.equal(new URL(page.url()).search, '');
  await page.goto(`${url}/login?state=x&error=${encodeURIComponent('Call 555-0100 to unlock your account')}`);
  await page.getByText('The sign-in provider refused').waitFor();
  assert.equal(await page.getByText('555-0100').count(), 0);
}
