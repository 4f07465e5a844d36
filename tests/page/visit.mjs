// One visit to the page: a browser context, what it was refused or shouted, and what every page must hold.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { startFake } from './fake/server.mjs';

const WAIT = 30_000; // for one thing; what takes longer by its nature says so

export class Visit {
  #contexts = [];
  #fakes = [];
  #shouts = [];
  #axe;
  #isGoneExpected = false;

  constructor(browser, axeFile) {
    this.browser = browser;
    this.#axe = readFileSync(axeFile, 'utf8');
  }

  async fake(state, port) {
    const fake = await startFake(state, port);
    this.#fakes.push(fake);
    return fake;
  }

  async context(options = {}) {
    const { width = 1280, height = 900, theme = 'light', ...more } = options;
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: theme, ...more });
    this.#contexts.push(context);
    return context;
  }

  // `foreign`: not Kiln's page, so that what it shouts is its own.
  async page(options = {}) {
    const page = await (options.context ?? (await this.context(options))).newPage();
    page.setDefaultTimeout(WAIT);
    if (options.foreign) return page;
    page.on('pageerror', (error) => this.#shouts.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => { this.#shouts.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      if (/Failed to load resource|ERR_CONNECTION|net::ERR/.test(message.text())) return; // refusals are the scenario's own business
      this.#shouts.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const host = new URL(request.url()).hostname;
      if (!['127.0.0.1', 'localhost', '[::1]'].includes(host) && !request.url().startsWith('data:')) this.#shouts.push(`loaded from elsewhere: ${request.url()}`);
    });
    return page;
  }

  // Nothing was thrown, asked, loaded from elsewhere, or refused by the content security policy.
  assertQuiet() {
    assert.deepEqual(this.#shouts, []);
  }

  // No barrier that axe knows, nothing beside the screen, one heading, landmarks.
  async assertSound(page, where, within = 'html') {
    await page.evaluate(this.#axe); // through the debugger, which no policy of the page holds back
    const found = await page.evaluate(async (part) => {
      const { violations } = await globalThis.axe.run(part, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
      return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any.map((check) => check.message).join(' ')}`).join(' | ')}`);
    }, within);
    assert.deepEqual(found, [], where);
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(beside <= 0, `${where}: ${beside} pixels stand beside the screen`);
    assert.equal(await page.locator('h1').count(), 1, where);
    assert.equal(await page.locator('main').count(), 1, where);
  }

  async shoot(file) {
    const page = this.#contexts.at(-1)?.pages().at(-1);
    return page ? page.screenshot({ path: file }).then(() => file, () => null) : null;
  }

  // What the fakes answered in this visit.
  answers() {
    return this.#fakes.flatMap((fake) => fake.answers());
  }

  async end() {
    for (const context of this.#contexts) await context.close().catch(() => undefined);
    for (const fake of this.#fakes) await fake.stop().catch(() => undefined);
  }
}

// Waits until `check` holds, looking again and again; an event that no locator waits for.
export async function until(check, what, ms = WAIT) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25)); // between two looks, not instead of one
  }
}

// Waits until `check`, a function that runs in the page, holds there.
export async function holds(page, what, check, ms = WAIT) {
  await page.waitForFunction(check, null, { timeout: ms }).catch((error) => {
    throw error.name === 'TimeoutError' ? new Error(`waited ${ms / 1000} s in vain for: ${what}`) : error;
  });
}

// Has pytest do its part, and waits until that is done.
export async function ask(url) {
  const answer = await fetch(url, { method: 'POST' });
  assert.ok(answer.ok, `${url} answered ${answer.status}`);
}
