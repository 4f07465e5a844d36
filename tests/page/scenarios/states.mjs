// Every page in every state, against the fake server: barriers, both themes, the narrowest screen.
import assert from 'node:assert/strict';
import { hostile } from '../fake/states.mjs';
import { holds } from '../visit.mjs';

const buildOf = (fake, worker, good = false) => fake.state.builds.list.find((build) => build.worker === worker && (!good || build.version));

export function pagesOf(fake, state) {
  if (state === 'signed out' || state === 'empty') return ['/', '/queue', '/start', '/connect'];
  const first = fake.state.builds.list[0];
  const paths = ['/', '/queue', '/pushes', '/account', '/account/notices', '/account/hosts', '/account/audit', '/start', '/connect?worker=shop', '/nowhere-at-all'.replace('/nowhere', '/builds/nowhere'), `/workers/${first.worker}`, `/workers/${first.worker}/settings`, `/workers/${first.worker}/pushes`];
  const seen = new Set();
  for (const build of fake.state.builds.list) {
    const kind = `${build.status} ${build.outcome}`;
    if (!seen.has(kind)) paths.push(`/builds/${build.id}`);
    seen.add(kind);
    if (build.version && !seen.has('version')) {
      paths.push(`/workers/${build.worker}/versions/${build.version}`);
      seen.add('version');
    }
  }
  paths.push(`/pushes/${fake.state.builds.deliveries()[0].delivery_uuid}`, `/pushes/${fake.state.builds.deliveries().at(-1).delivery_uuid}`);
  return paths;
}

export const settled = async (page) => {
  await page.locator('h1').waitFor();
  await holds(page, `what ${page.url()} shows to be loaded`, () => !document.querySelector('.placeholder'));
  if (!page.url().includes('/builds/') || !await page.locator('.log').count()) return;
  await holds(page, `the log of ${page.url()}`, () => document.querySelector('.line .tx')?.textContent || document.querySelector('.no-lines, .step, .problem'));
};

export async function every_page_is_sound(visit, { state, theme, width }) {
  const fake = await visit.fake(state);
  const page = await visit.page({ theme, width, height: 800, reducedMotion: 'reduce' });
  const paths = pagesOf(fake, state);
  for (const path of paths) {
    await page.goto(fake.url + path);
    await settled(page);
    await visit.assertSound(page, `${state} ${path} ${theme} ${width}`);
  }
  return paths.length;
}

export async function dialogs_and_menus_are_sound(visit, { theme }) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page({ theme, reducedMotion: 'reduce' });
  await page.goto(fake.url);
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('sh');
  await page.locator('[role=option]').first().waitFor();
  await visit.assertSound(page, 'palette');
  await page.keyboard.press('Escape');
  await page.locator('[role=option]').first().waitFor({ state: 'hidden' });
  await page.keyboard.press('?');
  await page.locator('dialog .keys').waitFor();
  await visit.assertSound(page, 'keys');
  await page.keyboard.press('Escape');
  await page.locator('.bar details.menu > summary').click();
  await visit.assertSound(page, 'account menu', '.bar .menu');
  await page.goto(`${fake.url}/builds/${buildOf(fake, 'blog').id}`);
  await settled(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await visit.assertSound(page, 'confirm');
  await page.goto(`${fake.url}/builds/${buildOf(fake, 'shop').id}#L9-L11`);
  await settled(page);
  await page.locator('#log-search').fill('npm');
  await page.locator('mark').first().waitFor();
  await visit.assertSound(page, 'searched log with chosen lines');
}

export async function hostile_words_stay_words(visit, { width }) {
  const fake = await visit.fake('hostile');
  const page = await visit.page({ width });
  const paths = pagesOf(fake, 'hostile');
  for (const path of paths) {
    await page.goto(fake.url + path);
    await settled(page);
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(beside <= 0, `${path}: ${beside} pixels beside the screen`);
    assert.equal(await page.locator('main img, main script, main b, svg[onload], [onerror]').count(), 0, path);
    const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.protocol));
    assert.ok(links.every((protocol) => ['http:', 'https:'].includes(protocol)), `${path}: ${links}`);
    assert.ok(!(await page.title()).includes('owned'));
    assert.doesNotMatch(await page.locator('body').innerText(), /[\u202a-\u202e\u2066-\u2069]/, path);
  }
  await page.goto(`${fake.url}/builds/${buildOf(fake, 'w-fail').id}`);
  await settled(page);
  await page.locator('.line', { hasText: 'the last words' }).waitFor();
  const text = await page.locator('.block').innerText();
  assert.ok(text.includes('<script>alert(1)</script>') && text.includes('click me') && text.includes('cleared?'));
  assert.ok((await page.locator('.by').innerText()).includes(hostile.message.slice(0, 20)));
  const hrefs = await page.locator('.tx a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  assert.deepEqual(hrefs, ['http://ok.example/x']);
  const rels = await page.locator('.tx a').evaluateAll((all) => all.map((link) => link.rel));
  assert.ok(rels.every((rel) => rel.includes('noopener')));
}

export async function two_hundred_workers(visit) {
  const fake = await visit.fake('many');
  const page = await visit.page();
  await page.goto(fake.url);
  await settled(page);
  assert.equal(await page.locator('tbody tr').count(), 200);
  const states = await page.locator('tbody .state').allInnerTexts();
  assert.equal(states[0], 'failed');
  assert.ok(states.indexOf('succeeded') > states.lastIndexOf('failed'));
  await page.keyboard.press('/');
  await page.keyboard.type('worker-017');
  await holds(page, 'one Worker to be left', () => document.querySelectorAll('tbody tr').length === 1);
  assert.ok((await page.title()).startsWith('✗'), await page.title());
}
