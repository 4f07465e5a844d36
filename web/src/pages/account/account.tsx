// Sessions, tokens, limits.
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { isAdmin, session } from '../../api/session.ts';
import { Heading } from '../../parts/heading.tsx';
import { keysOn, switchKeys } from '../../parts/keys.ts';
import { Problem } from '../../parts/problem.tsx';
import { THEMES, chooseTheme, theme } from '../../parts/theme.ts';
import { When } from '../../parts/when.tsx';
import { Minutes } from '../home/queue_strip.tsx';
import { ApiTokens } from './api_tokens.tsx';
import { BuildTokens } from './build_tokens.tsx';
import { Limit } from './limit.tsx';
import { Sessions } from './sessions.tsx';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const ORIGINS = { code: 'by a link', token: 'by a token', person: 'by the sign-in provider' } as const;

export function AccountPage() {
  const state = session.value;
  const limits = useLoad('limits', () => result(api.GET('/client/v4/accounts/{account_id}/builds/account/limits', { params: { path: here() } })));
  const [, redraw] = useState(0);
  const [limiting, setLimiting] = useState(false);
  if (state.kind !== 'in') return null;
  const { session: mine } = state.who;
  return (
    <>
      <Heading title="Account" />
      <dl class="facts">
        <div><dt>Signed in as</dt><dd>{mine.name} <span class="dim">{ORIGINS[mine.origin]}</span></dd></div>
        <div><dt>Rights</dt><dd>{mine.permissions.join(', ')}{mine.is_admin && ', administration'}</dd></div>
        <div><dt>Account</dt><dd><code>{here().account_id}</code></dd></div>
        <div><dt>Ends</dt><dd><When at={mine.expires_on} /> at the latest, <When at={mine.idle_expires_on} /> without use</dd></div>
        {limits.data && <div><dt>This month</dt><dd><Minutes limits={limits.data} />{limits.data.build_minutes_limit !== null && <span class="dim">, counted anew <When at={limits.data.build_minutes_refresh_on} /></span>}{isAdmin() && <button type="button" class="quiet small" onClick={() => setLimiting(true)}>Limit</button>}</dd></div>}
      </dl>
      {limiting && limits.data && <Limit minutes={limits.data.build_minutes_limit} close={() => setLimiting(false)} done={() => { setLimiting(false); limits.reload(); }} />}
      {limits.problem && <Problem problem={limits.problem} retry={limits.reload} />}
      {state.who.workers_domain_is_near && !LOOPBACK.test(location.hostname) && (
        <p class="banner quiet" role="note">Workers answer below this page’s own domain, so that browsers take them for the same site. Their pages cannot act with your session; a domain of their own (workers.domain in the settings) lets browsers see to it too.</p>
      )}
      <Sessions />
      <BuildTokens />
      <ApiTokens />
      <section aria-labelledby="looks">
        <h2 id="looks">This browser</h2>
        <fieldset class="choices"><legend>Theme</legend>
          {THEMES.map((one) => <label key={one} class="check"><input type="radio" name="theme" checked={theme.value === one} onChange={() => { chooseTheme(one); redraw((n) => n + 1); }} />{one === 'system' ? 'as the system' : one}</label>)}
        </fieldset>
        <label class="check"><input type="checkbox" checked={keysOn.value} onChange={(event) => switchKeys(event.currentTarget.checked)} /> Single keys do something (press ? for which)</label>
      </section>
    </>
  );
}
