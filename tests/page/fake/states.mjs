// States of a server, each by its name.
import { answerAccount, answerAudit, answerTokens } from './account.mjs';
import { answerBeginnings } from './beginnings.mjs';
import { Builds } from './builds.mjs';
import { Badges } from './badges.mjs';

const ACCOUNT = '4e1f0c2b8a6d4f3e9b7c5a1d2e3f4a5b';
const RIGHTS = ['ci:read', 'ci:write', 'scripts:read', 'scripts:write'];
export const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

export const hostile = {
  message: '<img src=x onerror="document.title=\'owned\'">\u202Egnp.exe <script>alert(1)</script> ' + 'W'.repeat(300),
  branch: 'x"><svg/onload=alert(1)>\u2066/' + 'long-'.repeat(40),
  author: '\u202E<b>nimda</b> javascript:alert(1)',
};

export function stateNamed(name) {
  const state = new State();
  const make = STATES[name];
  if (!make) throw new Error(`no state ${name}: ${Object.keys(STATES).join(', ')}`);
  make(state);
  return state;
}

const STATES = {
  'signed out': (state) => { state.isIn = false; },
  empty: () => undefined,
  ordinary: (state) => {
    state.builds.add({ worker: 'shop', outcome: 'fail', message: 'Take cards at the till', ago: 400, steps: 'install' });
    state.builds.add({ worker: 'shop', outcome: 'success', message: 'Show the price', ago: 90_000 });
    state.builds.add({ worker: 'blog', outcome: null, message: 'Write about kilns, and why the second firing is the hard one', branch: 'feature/second-firing', ago: 21 });
    state.builds.add({ worker: 'blog', outcome: 'success', message: 'Fix the feed', ago: 300_000, author: 'Grace Hopper' });
    state.builds.add({ worker: 'docs', outcome: 'success', message: 'Say what a trigger is', ago: 7200 });
    state.builds.add({ worker: 'api', outcome: 'cancelled', message: 'Try the new router', branch: 'router', ago: 17_000 });
    state.builds.add({ worker: 'api', outcome: 'success', message: 'Answer with problems as RFC 9457 has them', ago: 170_000 });
    state.builds.add({ worker: 'images', outcome: 'terminated', message: 'Resize at the edge', ago: 50_000 });
    state.builds.add({ worker: 'edge-cache', outcome: 'skipped', message: 'Only the docs [skip ci]', ago: 60 });
    state.builds.add({ worker: 'mail', outcome: 'success', message: 'Send receipts', ago: 1_000_000, byHand: true });
    state.builds.add({ worker: 'checkout', status: 'queued', message: 'Bump dependencies', branch: 'renovate/all', author: 'Renovate', ago: 9 });
  },
  hostile: (state) => {
    for (const outcome of ['fail', 'success', null]) state.builds.add({ worker: `w-${outcome}`, outcome, ...hostile, ago: 100, steps: 'build', log: 'hostile' });
  },
  many: (state) => {
    for (let i = 0; i < 200; i += 1) {
      state.builds.add({ worker: `worker-${String(i).padStart(3, '0')}`, outcome: ['success', 'success', 'success', 'fail', 'cancelled', null, 'skipped'][i % 7], message: `Change number ${i}`, ago: 100 + i * 977 });
    }
  },
  million: (state) => {
    state.builds.add({ worker: 'big', outcome: 'fail', message: 'Print a million lines', ago: 600, steps: 'build', total: 1_000_000 });
  },
  growing: (state) => {
    state.builds.add({ worker: 'live', outcome: null, message: 'Print as it goes', ago: 5, total: 300, grows: true });
  },
};

class State {
  isIn = true;
  offersTokens = false;
  builds = new Builds();
  badges = new Badges();
  events = [];
  #listeners = new Set();

  stop() {
    this.builds.stop();
  }

  tell(event, data) {
    this.events.push({ event, data });
    for (const listener of this.#listeners) listener(event, String(this.events.length), data);
  }

  get session() {
    return {
      session_id: '6d1f8a20-4b3c-4e5d-9f60-7a8b9c0d1e2f', name: 'owner', origin: 'code', account_id: null, permissions: RIGHTS, is_admin: true,
      created_on: at(-3600), last_used_on: at(0), expires_on: at(600_000), idle_expires_on: at(43_200), address: '127.0.0.1',
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', current: true,
    };
  }

  answer(method, path, query, body) {
    if (path === '/livez') return { text: 'ok\n' };
    if (path.startsWith('/badges/')) return this.badges.picture(path);
    if (path === '/kiln/v1/oidc') return { result: { name: 'Example Inc' } };
    if (path === '/kiln/v1/session') {
      if (method === 'POST') {
        if (!(body.code?.startsWith('good') || body.token?.startsWith('good'))) return { status: 401, code: 1000, message: 'This link was used already, or is older than 5 minutes; run `kiln dashboard` for a new one' };
        this.isIn = true;
      } else if (method === 'DELETE') {
        this.isIn = false;
        return { result: null };
      }
      if (!this.isIn) return { status: 401, code: 1000, message: 'There is no session' };
      return {
        result: { session: this.session, accounts: [{ id: ACCOUNT, name: 'default' }], version: '0.1.0', plain_http: false, workers_domain_is_near: false },
        headers: method === 'POST' ? { 'set-cookie': 'kiln_session=of-the-fake; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800' } : {},
      };
    }
    if (!this.isIn) return { status: 401, code: 1000, message: 'There is no session' };
    const tokens = this.offersTokens ? answerTokens(method, path, body) : null;
    if (tokens) return tokens;
    const audit = answerAudit(path, query);
    if (audit) return audit;
    const badge = this.badges.answer(method, path, body);
    if (badge) return badge;
    if (path === '/kiln/v1/sessions') return { result: [this.session, { ...this.session, session_id: '7d1f8a20-4b3c-4e5d-9f60-7a8b9c0d1e2f', current: false, origin: 'token', name: 'laptop', user_agent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17 Safari/605', last_used_on: at(-8000) }] };
    if (path === '/builds/events') {
      return {
        stream: (send) => {
          const id = String(this.events.length);
          send('hello', id, { event_id: id });
          this.#listeners.add(send);
          return () => this.#listeners.delete(send);
        },
      };
    }
    const beginnings = answerBeginnings(method, path, body);
    if (beginnings) return beginnings;
    return answerAccount(method, path, body) ?? this.builds.answer(method, path, query, body);
  }
}
