// The log: long, growing, searched, linked, and never fighting its reader.
import assert from 'node:assert/strict';
import { holds, until } from '../visit.mjs';

const seen = (page) => page.evaluate(() => {
  const box = document.querySelector('.log')?.getBoundingClientRect();
  if (!box) return [];
  return [...document.querySelectorAll('.line')].filter((line) => {
    const own = line.getBoundingClientRect();
    return own.bottom > box.top + 30 && own.top < box.bottom && line.querySelector('.tx').textContent;
  }).map((line) => Number(line.dataset.line));
});
const nodes = (page) => page.evaluate(() => document.querySelectorAll('*').length);

export async function a_million_lines(visit) {
  const fake = await visit.fake('million');
  const page = await visit.page();
  const build = fake.state.builds.list[0];
  await page.goto(`${fake.url}/builds/${build.id}`);
  await until(async () => (await seen(page)).includes(700_000), 'the first error to be in sight');
  assert.ok(await nodes(page) <= 1400);
  const height = await page.locator('.sizer').evaluate((element) => element.getBoundingClientRect().height);
  assert.ok(height <= 8_000_001, `the box is ${height} pixels high`);
  await page.locator('.log').evaluate((log) => { log.scrollTop = log.scrollHeight; });
  await until(async () => (await seen(page)).includes(1_000_000), 'the last line');
  await page.locator('.log').evaluate((log) => { log.scrollTop = 0; });
  await page.getByRole('button', { name: /Start the sandbox/ }).first().waitFor();
  // Every part of the way can be reached, and a notch of the wheel is a notch.
  await page.locator('.log').evaluate((log) => { log.scrollTop = log.scrollHeight / 2; });
  const middle = await until(async () => (await seen(page)).find((line) => line > 400_000 && line < 600_000), 'the middle');
  await page.locator('.log').hover();
  await page.mouse.wheel(0, 100);
  const after = await until(async () => (await seen(page)).find((line) => line > middle), 'a little further down');
  assert.ok(after - middle <= 12, `a notch went from ${middle} to ${after}`);
  for (let i = 0; i < 40; i += 1) await page.locator('.log').evaluate((log, to) => { log.scrollTop = (log.scrollHeight * to) / 40; }, i);
  assert.ok(await nodes(page) <= 1400);
  const asked = fake.requests.filter((request) => request.includes('/logs/lines')).length;
  assert.ok(asked < 90, `${asked} requests for lines`);
}

export async function keys_scroll_the_log(visit) {
  const fake = await visit.fake('million');
  const page = await visit.page();
  await page.goto(`${fake.url}/builds/${fake.state.builds.list[0].id}`);
  await until(async () => (await seen(page)).includes(700_000), 'the first error to be in sight');
  await page.locator('.log').focus();
  await page.keyboard.press('Home');
  await until(() => page.locator('.log').evaluate((log) => log.scrollTop === 0), 'the beginning by the Home key');
  await page.keyboard.press('End');
  await until(async () => (await seen(page)).includes(1_000_000), 'the last line by the End key');
}

export async function search_reaches_every_line(visit) {
  const fake = await visit.fake('million');
  const page = await visit.page();
  await page.goto(`${fake.url}/builds/${fake.state.builds.list[0].id}`);
  await page.locator('.line .tx').first().waitFor();
  await page.keyboard.press('Control+f');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'log-search');
  await page.keyboard.type('line 98765 of');
  await page.locator('.line.found mark').waitFor();
  assert.ok((await seen(page)).includes(98_765));
  await page.getByText('1 of 1', { exact: true }).waitFor();
  await page.locator('#log-search').fill('added 312');
  await page.locator('.line.found mark', { hasText: 'added 312' }).waitFor(); // in a step that was folded
  await page.locator('#log-search').fill('no such words');
  await page.getByText('0 of 0').waitFor();
}

export async function lines_have_addresses(visit) {
  const fake = await visit.fake('million');
  const page = await visit.page();
  const address = `${fake.url}/builds/${fake.state.builds.list[0].id}`;
  await page.goto(`${address}#L500000-L500004`);
  await until(async () => (await page.locator('.line.chosen').count()) === 5, 'five chosen lines');
  await until(async () => (await seen(page)).includes(500_000), 'the line of the address');
  await page.locator('.line[data-line="500007"] .no').click();
  assert.equal(new URL(page.url()).hash, '#L500007');
  await page.locator('.line[data-line="500009"] .no').click({ modifiers: ['Shift'] });
  assert.equal(new URL(page.url()).hash, '#L500007-L500009');
  await page.evaluate(() => { location.hash = '#L12'; });
  await until(async () => (await seen(page)).includes(12), 'the line of the new address');
  await page.keyboard.press('n');
  await until(async () => (await page.locator('.line.chosen.error').count()) === 1, 'the next error');
  await page.keyboard.press('n');
  await until(async () => (await seen(page)).includes(700_000), 'the one behind it');
}

export async function follow_does_not_fight(visit) {
  const fake = await visit.fake('growing');
  const page = await visit.page();
  const build = fake.state.builds.list[0];
  await page.goto(`${fake.url}/builds/${build.id}`);
  await until(async () => (await seen(page)).at(-1) > 300 && build.log.total - (await seen(page)).at(-1) < 20, 'the end to be followed');
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -400);
  let last = -1;
  const held = await until(async () => { // the wheel's own movement has ended when two looks see the same
    const [first] = await seen(page);
    const isStill = first === last;
    last = first;
    await page.waitForTimeout(60);
    return isStill && first;
  }, 'lines that stand still');
  const before = build.log.total;
  await until(() => build.log.total > before + 30, 'thirty more lines');
  assert.equal((await seen(page))[0], held, 'what is read has moved');
  const button = page.getByRole('button', { name: /new lines/ });
  await button.waitFor();
  await button.click();
  await until(async () => build.log.total - (await seen(page)).at(-1) < 20, 'the end again');
  // Marking text ends it too.
  await page.locator('.line .tx').nth(10).dblclick();
  await holds(page, 'following to be off', () => document.querySelector('[aria-pressed][title^="Follow"]').getAttribute('aria-pressed') === 'false');
  build.status = 'stopped';
  build.outcome = 'success';
  for (const reader of build.log.readers) reader();
  await holds(page, 'the end to be told', () => document.body.innerText.includes('The build has ended') || document.querySelector('[role=status]')?.textContent.includes('ended'));
}

const wrapButton = (page) => page.getByRole('button', { name: 'Wrap long lines' });
const topLine = (page) => page.evaluate(() => {
  const top = document.querySelector('.log').getBoundingClientRect().top + 1;
  const first = [...document.querySelectorAll('.line')].find((line) => line.getBoundingClientRect().bottom > top);
  return first ? Number(first.dataset.line) : NaN; // while it is drawn anew
});
const heightOf = (page, line) => page.locator(`.line[data-line="${line}"]`).evaluate((element) => element.offsetHeight);

export async function wrapping_keeps_the_place(visit) {
  const fake = await visit.fake('million');
  const page = await visit.page({ width: 420 });
  await page.goto(`${fake.url}/builds/${fake.state.builds.list[0].id}`);
  await until(async () => (await seen(page)).includes(700_000), 'the first error to be in sight');
  if (await wrapButton(page).getAttribute('aria-pressed') === 'true') await wrapButton(page).click();
  await until(async () => (await heightOf(page, 700_000)) === 20, 'lines that are not wrapped');
  await page.locator('.log').evaluate((log) => { log.scrollTop += 2000; }); // off the beginning, where every place is kept
  const top = await until(async () => { const line = await topLine(page); return line > 700_000 && (await seen(page)).length > 5 && line; }, 'lines further down');
  for (const isTall of [true, false]) {
    await wrapButton(page).click();
    await until(async () => (await heightOf(page, top)) > 20 === isTall, isTall ? 'wrapped lines' : 'lines as they were');
    assert.equal(await topLine(page), top, 'what is read has moved');
  }
}

export async function long_lines_are_wrapped(visit) {
  const fake = await visit.fake('hostile');
  const page = await visit.page({ width: 700 });
  await page.goto(`${fake.url}/builds/${fake.state.builds.list.find((build) => build.outcome === 'fail').id}`);
  await page.locator('.line', { hasText: 'click me' }).waitFor();
  if (await wrapButton(page).getAttribute('aria-pressed') === 'false') await wrapButton(page).click();
  const tall = await until(async () => { const height = await heightOf(page, 16); return height > 200 && height; }, 'a wrapped line');
  const sizer = await page.locator('.sizer').evaluate((element) => element.offsetHeight);
  assert.ok(sizer > tall + 100, `lines of ${tall} pixels and more in a box of ${sizer}`);
  await wrapButton(page).click();
  await until(async () => (await heightOf(page, 16)) === 20, 'a line that is not wrapped');
}

export async function times_in_four_forms(visit) {
  const fake = await visit.fake('ordinary');
  const page = await visit.page();
  await page.goto(`${fake.url}/builds/${fake.state.builds.list[0].id}`);
  await page.locator('.line .tx').first().waitFor();
  assert.equal(await page.locator('.line .at').count(), 0);
  for (const [form, like] of [['start', /^\d+:\d\d\.\d$/], ['step', /^\d+:\d\d\.\d$/], ['clock', /^\d\d:\d\d:\d\d$/]]) {
    await page.getByLabel('Times').selectOption(form);
    assert.match(await page.locator('.line .at').first().innerText(), like);
  }
  const copied = await page.evaluate(() => { document.getSelection().selectAllChildren(document.querySelector('.block')); return document.getSelection().toString(); });
  assert.doesNotMatch(copied, /^\s*\d+\s*$/m, 'numbers are copied with the lines');
}
