// The first hour: what the machine lacks, and a repository connected without a command line; against the fake server.
import assert from 'node:assert/strict';
import { settled } from './states.mjs';

export async function the_doctor_speaks_on_the_first_page(visit, { theme }) {
  const fake = await visit.fake('empty');
  const page = await visit.page({ theme });
  await page.goto(fake.url);
  await page.getByText('Builds can run on it; 2 things could be better.').waitFor();
  const odd = page.locator('.findings li');
  assert.equal(await odd.count(), 2);
  assert.match(await odd.first().innerText(), /slirp4netns[^]*Not installed\.[^]*To do: install the package slirp4netns/);
  await visit.assertSound(page, 'the first page with findings');
  await page.getByText('2 things are as they should be').click();
  await page.getByRole('row', { name: /sandbox/ }).waitFor();
  await visit.assertSound(page, 'all findings');
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.getByText('Builds can run on it').waitFor();
  assert.equal(fake.requests.filter((request) => request === 'GET /kiln/v1/doctor').length, 2);
}

export async function a_web_repository_is_connected(visit, { theme }) {
  const fake = await visit.fake('empty');
  const page = await visit.page({ theme });
  await page.goto(fake.url);
  await page.getByRole('link', { name: 'Or connect it here' }).click();
  await page.getByRole('heading', { name: 'Connect a repository' }).waitFor();
  await page.getByRole('textbox', { name: 'Repository' }).fill('shop');
  await page.getByRole('textbox', { name: 'Repository' }).press('Enter');
  await page.getByRole('alert').getByText('repo_url must be an address or a path').waitFor();
  await visit.assertSound(page, 'a refused connection');
  await page.getByRole('textbox', { name: 'Repository' }).fill('https://github.com/acme/shop');
  await page.getByText('Branches and commands').click();
  await page.getByLabel('Build command').fill('npm run build');
  await page.getByLabel('How Kiln hears of pushes').selectOption('60');
  await visit.assertSound(page, 'a repository about to be connected');
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('heading', { name: 'shop is connected' }).waitFor();
  await page.getByText('The Worker is called "shop", as wrangler.jsonc has it.').waitFor();
  await page.getByText('shown-once-0123456789').waitFor();
  await page.getByText('every 1 min').waitFor();
  await visit.assertSound(page, 'a connected repository with its webhook');
  await page.getByRole('button', { name: 'Build it now' }).click();
  await page.getByRole('alert').getByText('The branch main is not in the repository').waitFor();
  await page.goto(`${fake.url}/connect`);
  await settled(page);
  assert.ok(!(await page.content()).includes('shown-once'), 'a secret is shown once');
}

export async function a_repository_over_ssh_is_connected(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page({ width: 320 });
  await page.goto(fake.url);
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  await page.getByRole('textbox', { name: 'Repository' }).fill('git@git.example.com:acme/shop.git');
  await page.getByText('Kiln clones it over SSH').waitFor();
  assert.equal(await page.getByLabel('Access token').count(), 0);
  assert.ok(await page.getByLabel('Make a deploy key').isChecked());
  await page.getByLabel('Worker', { exact: true }).fill('shop');
  await visit.assertSound(page, 'a repository over SSH on a narrow screen');
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByText('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake').waitFor();
  await page.getByText("kiln connect git@git.example.com:acme/shop.git --worker shop").waitFor();
  assert.ok(!(await page.content()).includes('shown-once'), 'the hook\u2019s secret is for its installer alone');
  await visit.assertSound(page, 'a deploy key on a narrow screen');
}

export async function a_repository_is_connected_by_keyboard(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(fake.url);
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('connect a rep');
  await page.getByRole('option', { name: /Connect a repository/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Connect a repository' }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.closest('label')?.textContent ?? document.activeElement?.textContent ?? '');
  while (!(await focused()).startsWith('Repository')) await page.keyboard.press('Tab');
  await page.keyboard.type('/srv/git/shop.git');
  await page.keyboard.press('Tab');
  await page.keyboard.type('shop');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'shop is connected' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.getByText('kiln connect /srv/git/shop.git --worker shop').waitFor();
}
