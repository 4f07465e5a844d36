// Tokens for the API and the command line: made once and never shown again, with their last use, revoked. For administrators.
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { isAdmin } from '../../api/session.ts';
import { type ApiToken, RIGHTS, listTokens, makeToken, revokeToken } from '../../api/tokens.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Command } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { ShownOnce } from '../../parts/shown_once.tsx';
import { When } from '../../parts/when.tsx';
import { plain } from '../../words/plain.ts';
import { RotateToken } from './rotate_token.tsx';

export function ApiTokens() {
  const administers = isAdmin();
  const tokens = useLoad(administers ? 'api tokens' : null, listTokens);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const [rotating, setRotating] = useState<ApiToken | null>(null);
  const isOffered = administers && tokens.problem?.status !== 404; // else by the command line alone
  const good = (tokens.data ?? []).filter((token) => !token.revoked_on);
  return (
    <section aria-labelledby="api-tokens">
      <div class="section-head"><h2 id="api-tokens">API tokens</h2>{isOffered && tokens.data && <button type="button" onClick={() => setMaking(true)}><Icon name="plus" />Make</button>}</div>
      {!isOffered && <><p>Administrators make, list, rotate and revoke tokens for the API and the command line; on the server’s machine:</p><Command text="kiln token create --name NAME --permissions ci:read,scripts:read" /><Command text="kiln token list" /></>}
      {isOffered && tokens.problem && <Problem problem={tokens.problem} retry={tokens.reload} />}
      {isOffered && tokens.data && good.length === 0 && <Empty>There are none.</Empty>}
      {isOffered && good.length > 0 && (
        <table class="list">
          <thead><tr><th scope="col">Name</th><th scope="col">Rights</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col">Ends</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{good.map((token) => (
            <tr key={token.id}>
              <th scope="row"><bdi>{plain(token.name)}</bdi></th><td>{token.permissions.split(',').join(', ')}</td><td><When at={token.created_on} />{token.old_secret_until && <span class="dim">, the one before good until <When at={token.old_secret_until} /></span>}</td><td><When at={token.last_used_on} /></td>
              <td><When at={token.expires_on} /></td><td class="end"><button type="button" class="quiet small" aria-label={`Rotate ${plain(token.name)}`} onClick={() => setRotating(token)}>Rotate</button><button type="button" class="quiet small" aria-label={`Revoke ${plain(token.name)}`} onClick={() => setRevoking(token)}>Revoke</button></td>
            </tr>
          ))}</tbody>
        </table>
      )}
      {making && <NewApiToken close={() => setMaking(false)} done={(token) => { setMaking(false); setMade(token); tokens.reload(); }} />}
      {made && <ShownOnce title={`The token ${plain(made.name)}`} what="the token" text={made.token} close={() => setMade(null)} />}
      {rotating && <RotateToken token={rotating} close={() => setRotating(null)} done={(fresh) => { setRotating(null); setMade({ name: rotating.name, token: fresh }); tokens.reload(); }} />}
      {revoking && (
        <Confirm title="Revoke the token" action="Revoke" danger close={() => setRevoking(null)} run={async () => { await revokeToken(revoking.id); tokens.reload(); }}>
          <p>Whoever uses “{plain(revoking.name)}” is refused from now on, and sessions that were begun with it end.</p>
        </Confirm>
      )}
    </section>
  );
}

const SETS = [['ci:read,scripts:read', 'see everything'], ['ci:write,scripts:write', 'see and change everything'], ['scripts:write', 'deploy Workers'], ['', 'choose']] as const;
const ENDS = [[0, 'never'], [30, 'in 30 days'], [90, 'in 90 days'], [365, 'in a year']] as const;

function NewApiToken({ close, done }: { close: () => void; done: (token: { name: string; token: string }) => void }) {
  const [name, setName] = useState('');
  const [set, setSet] = useState<string>(SETS[0][0]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [days, setDays] = useState(90);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const permissions = set || chosen.join(',');
  const go = async (): Promise<void> => {
    setProblem(null);
    try {
      const ends = days ? { expires_on: `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}Z` } : {};
      done({ name, token: (await makeToken({ name, permissions, ...ends })).token });
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  return (
    <Dialog title="Make an API token" close={close}>
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Name<input type="text" required maxLength={256} value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label>May<select value={set} onChange={(event) => setSet(event.currentTarget.value)}>{SETS.map(([words, says]) => <option key={words} value={words}>{says}</option>)}</select></label>
        {!set && (
          <fieldset class="choices"><legend>Rights</legend>
            {RIGHTS.map((right) => <label key={right} class="check"><input type="checkbox" checked={chosen.includes(right)} onChange={(event) => setChosen(event.currentTarget.checked ? [...chosen, right] : chosen.filter((one) => one !== right))} /> {right}</label>)}
          </fieldset>
        )}
        <label>Ends<select value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>{ENDS.map(([count, words]) => <option key={count} value={String(count)}>{words}</option>)}</select></label>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main" disabled={!permissions}>Make</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
