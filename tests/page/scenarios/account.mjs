// Account and its neighbours, against the fake server.
import assert from 'node:assert/strict';
import { holds, until } from '../visit.mjs';

export async function somebody_is_told(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/account/notices`);
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Kind').selectOption('email');
  await page.getByLabel('From').waitFor();
  await page.getByLabel('Kind').selectOption('webhook');
  await page.getByLabel('Name').fill('mine');
  await page.getByLabel('Address').fill('https://mine.example.com/hook');
  await visit.assertSound(page, 'adding a sink');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await page.getByText('whsec_shown-once').waitFor();
  await visit.assertSound(page, 'a secret that is shown once');
  await page.getByRole('button', { name: 'Done' }).click();
  assert.equal(await page.getByText('whsec_shown-once').count(), 0);
  await page.getByRole('button', { name: 'What was sent' }).first().click();
  await page.getByText('503 <h1>down</h1>').waitFor();
  await visit.assertSound(page, 'what was sent');
  await page.getByRole('button', { name: 'Send again' }).first().click();
  await page.getByText('It is sent again').waitFor();
}

export async function the_palette_acts(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/queue`);
  await page.getByRole('heading', { name: 'Queue and runners' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('build docs');
  await page.getByRole('option', { name: /Build docs…/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Build now' }).waitFor();
  assert.equal(new URL(page.url()).search, '', 'a reload asks for no build again');
  await page.keyboard.press('Escape');
  await page.goto(`${fake.url}/builds/${fake.state.builds.list[0].id}`);
  await page.locator('.log').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('retry');
  await page.getByRole('option', { name: /^Retry/ }).first().waitFor();
}

export async function a_version_shows_what_it_is_made_of(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page({ width: 320 });
  const made = fake.state.builds.list.find((build) => build.version);
  await page.goto(`${fake.url}/workers/${made.worker}/versions/${made.version}`);
  await page.getByRole('row', { name: /index\.js.*48 kB/ }).waitFor();
  await page.getByText('240 files, 35 MB').click();
  await page.getByText('and 40 more files').waitFor();
  await visit.assertSound(page, 'a version with its assets');
}

// Everything with an id is found by its beginning, as the page shows it.
export async function the_palette_finds_short_ids(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(fake.url);
  const made = fake.state.builds.list.find((build) => build.version);
  for (const [id, name, place] of [[made.version, 'version', `/workers/${made.worker}/versions/${made.version}`], [made.id, 'build', `/builds/${made.id}`]]) {
    await page.locator('header.bar').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(id.slice(0, 8));
    await page.getByRole('option', { name: new RegExp(`^${made.worker} ${name} ${id.slice(0, 8)}`) }).click();
    await page.waitForURL((address) => address.pathname === place);
  }
}

// Credentials of the repository that a Worker is built from are replaced, each shown once.
export async function a_repository_is_looked_after(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/workers/shop/settings`);
  const repository = page.getByRole('region', { name: 'Repository' });
  await repository.getByText('https://github.com/acme/shop.git').waitFor();
  await repository.getByRole('button', { name: 'Another hook secret' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replace it' }).click();
  await page.getByText('rotated-0123456789').waitFor();
  await visit.assertSound(page, 'a hook secret that is shown once');
  await page.getByRole('button', { name: 'Done' }).click();
  assert.ok(!(await page.content()).includes('rotated-0123456789'));
  await repository.getByLabel('How Kiln hears of pushes').selectOption('60');
  await page.getByText('Kiln asks for pushes every 1 min').waitFor();
  await page.goto(`${fake.url}/workers/blog/settings`);
  await repository.getByText('git.example.com did not answer within 20 s <b>').waitFor();
  await repository.getByRole('button', { name: 'Another deploy key' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replace it' }).click();
  await page.getByText('AAAAIOther').waitFor();
  assert.ok(!(await page.getByRole('dialog').textContent()).includes('kiln connect'), 'the hook is as it was');
  await visit.assertSound(page, 'a deploy key that is shown once');
}

// The second script is there before anybody asks for it; without it the page begins anew once the server is back.
export async function later_pages_come_by_themselves(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  const came = page.waitForResponse((response) => /\/assets\/rest-/.test(response.url()));
  await page.goto(fake.url);
  await came;
  await fake.stop();
  await page.locator('tbody a.name').first().click();
  await page.locator('h1', { hasText: /shop|checkout|images/ }).waitFor();
}

export async function tokens_are_made_and_revoked(visit) {
  const fake = await visit.fake('ordinary');
  fake.state.offersTokens = true;
  const page = await visit.page();
  await page.goto(`${fake.url}/account`);
  const tokens = page.getByRole('region', { name: 'API tokens' });
  await tokens.getByRole('row', { name: /laptop/ }).waitFor();
  assert.equal(await tokens.getByRole('row', { name: /old/ }).count(), 0, 'what is revoked is gone');
  await tokens.getByRole('button', { name: 'Make' }).click();
  await page.getByLabel('Name').fill('ci');
  await page.getByLabel('May').selectOption({ label: 'choose' });
  await page.getByLabel('scripts:write').check();
  await visit.assertSound(page, 'making a token');
  await page.getByRole('dialog').getByRole('button', { name: 'Make' }).click();
  await page.getByText('kiln_shown-once').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  assert.ok(!(await page.content()).includes('kiln_shown-once'));
  await tokens.getByRole('button', { name: 'Rotate laptop' }).click();
  await page.getByLabel('The one before is good').selectOption({ label: 'for a day' });
  await visit.assertSound(page, 'rotating a token');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  await page.getByText('kiln_rotated-86400').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await tokens.getByRole('button', { name: 'Revoke laptop' }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await until(() => fake.requests.some((request) => /^DELETE .*\/tokens\//.test(request)), 'the token to be revoked');
}

export async function an_account_is_limited(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/account`);
  await page.getByRole('button', { name: 'Limit' }).click();
  await page.getByLabel('Minutes a month').fill('2500');
  await visit.assertSound(page, 'limiting the build minutes');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('definition').getByText('of 2,500').waitFor();
}

export async function a_deploy_hook_gets_another_name(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/workers/shop/settings`);
  const hooks = page.getByRole('region', { name: 'Deploy hooks' });
  await hooks.getByRole('button', { name: 'Change Content changed' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('CMS');
  await dialog.getByLabel('Branch').fill('release');
  await visit.assertSound(page, 'changing a deploy hook');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await hooks.getByRole('row', { name: /CMS.*release/ }).waitFor();
}

export async function who_changed_what_is_seen(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/account`);
  await page.locator('.bar details.menu > summary').click();
  await page.getByRole('link', { name: 'Audit' }).click();
  const rows = page.locator('tbody tr');
  await holds(page, 'the newest entries', () => document.querySelectorAll('tbody tr').length === 50);
  await rows.first().locator('summary').click();
  await rows.first().getByText('<b>npm run build</b>').waitFor();
  await visit.assertSound(page, 'an opened entry of the audit');
  await page.getByRole('button', { name: 'Older' }).click();
  await holds(page, 'all entries', () => document.querySelectorAll('tbody tr').length === 70);
  assert.equal(await page.getByRole('button', { name: 'Older' }).count(), 0);
  await page.getByLabel('Only by this caller').fill('shop');
  await page.keyboard.press('Enter');
  await holds(page, 'what that build did', () => [...document.querySelectorAll('tbody tr')].every((row) => row.textContent.includes('create deployment')));
  await page.getByLabel('Only by this caller').fill('sho');
  await page.keyboard.press('Enter');
  await page.getByText('a caller is found by the whole name').waitFor();
}

// Off at first; its pictures come from where the page does, whatever its public address is.
export async function a_badge_is_switched_on_and_off(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/workers/shop/settings`);
  const badge = page.getByRole('region', { name: 'Badge' });
  await badge.getByText('It is off.').waitFor();
  await badge.getByRole('button', { name: 'Switch on' }).click();
  const markdown = badge.locator('.command code').first();
  await markdown.waitFor();
  const first = await markdown.innerText();
  assert.match(first, /^!\[build\]\(https:\/\/kiln\.example\.com\/badges\/[0-9a-f-]{36}\/badge\.svg\)$/);
  await holds(page, 'both pictures to be drawn', () => [...document.querySelectorAll('.badges img')].filter((one) => one.complete && one.naturalWidth > 0).length === 2);
  await visit.assertSound(page, 'a badge that is on');
  await badge.getByLabel('Branch whose builds count').fill('/x');
  await badge.getByRole('button', { name: 'Change' }).click();
  await badge.getByText('branch must not begin with a slash').waitFor();
  await badge.getByLabel('Branch whose builds count').fill('');
  await badge.getByRole('button', { name: 'Change' }).click();
  await badge.getByText('branch must not').waitFor({ state: 'hidden' });
  assert.equal(await markdown.innerText(), first, 'another branch leaves the address');
  await badge.getByRole('button', { name: 'Another address' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replace it' }).click();
  await until(async () => await markdown.innerText() !== first, 'another address');
  await page.setViewportSize({ width: 320, height: 800 });
  await visit.assertSound(page, 'a badge on a narrow screen');
  await badge.getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
  await badge.getByText('It is off.').waitFor();
}

export async function a_paused_trigger_is_seen_and_resumed(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/workers/shop/settings`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('summary .badge', { hasText: 'paused' }).waitFor();
  await page.goto(`${fake.url}/workers/shop`);
  await page.getByText('is paused: pushes are noted and not built').waitFor();
  await visit.assertSound(page, 'a Worker with a paused trigger');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('is paused').waitFor({ state: 'hidden' });
}
