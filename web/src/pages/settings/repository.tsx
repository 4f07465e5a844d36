// The repositories that the Worker is built from: how Kiln hears of pushes, by which credentials it clones, and those replaced.
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { ConnectedPlace, RotatedCredentials } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import { notice } from '../../parts/notices.tsx';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { duration } from '../../words/duration.ts';
import { plain } from '../../words/plain.ts';
import { POLLS, placeOf } from '../connect/wish.ts';
import { Rotated, type Replaced } from './rotated.tsx';

const INTERVALS: readonly number[] = POLLS.map(([seconds]) => Number(seconds));

type Asked = Replaced | null;

export function Repositories({ name }: { name: string }) {
  const all = useLoad('repositories', () => result(api.GET('/kiln/v1/accounts/{account_id}/repositories', { params: { path: here() } })));
  const mine = all.data?.filter((one) => one.workers.includes(name)) ?? [];
  if (all.data && !mine.length) return null;
  return (
    <section aria-labelledby="repositories">
      <h2 id="repositories">Repository</h2>
      {all.problem && <Problem problem={all.problem} retry={all.reload} />}
      {mine.map((one) => <Repository key={one.repo_connection_uuid} place={one} worker={name} changed={all.reload} />)}
    </section>
  );
}

function Repository({ place, worker, changed }: { place: ConnectedPlace; worker: string; changed: () => void }) {
  const [asked, setAsked] = useState<Asked>(null);
  const [token, setToken] = useState('');
  const [rotated, setRotated] = useState<{ made: RotatedCredentials; what: Replaced } | null>(null);
  const path = { ...here(), connection_uuid: place.repo_connection_uuid };
  const { watch } = place;
  const isWeb = placeOf(place.clone_url) === 'web';
  const rotate = (what: Replaced) => async (): Promise<void> => {
    const body = what === 'token' ? { token } : { [what]: true };
    setRotated({ made: await result(api.POST('/kiln/v1/accounts/{account_id}/repositories/{connection_uuid}/rotate', { params: { path }, body })), what });
    setToken('');
    changed();
  };
  const poll = async (poll_seconds: number): Promise<void> => {
    try {
      await result(api.POST('/kiln/v1/accounts/{account_id}/connect', { params: { path: here() }, body: { repo_url: place.clone_url, worker, poll_seconds } }));
      notice('good', poll_seconds ? `Kiln asks for pushes every ${duration(poll_seconds * 1000)}` : 'Kiln hears of pushes by the hook alone');
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    changed();
  };
  const intervals = INTERVALS.includes(watch.poll_seconds) ? INTERVALS : [...INTERVALS, watch.poll_seconds];
  return (
    <>
      <dl class="facts">
        <div><dt>Cloned from</dt><dd><bdi>{plain(place.clone_url)}</bdi> <span class="dim">{place.provider_type}</span></dd></div>
        <div><dt>By</dt><dd>{place.deploy_key ? 'a deploy key of its own' : place.has_token ? 'an access token' : isWeb ? 'nothing but its address' : 'the server’s own user'}</dd></div>
        <div><dt>Looked at</dt><dd><When at={watch.looked_on} />{watch.next_on && <span class="dim">, and again <When at={watch.next_on} /></span>}</dd></div>
        {watch.error && <div><dt>Trouble</dt><dd><span class="state bad"><Icon name="cross" /><span>{plain(watch.error)}</span></span></dd></div>}
      </dl>
      {may('ci:write') && (
        <form class="row" onSubmit={(event) => event.preventDefault()}>
          <label>How Kiln hears of pushes
            <select value={String(watch.poll_seconds)} onChange={(event) => void poll(Number(event.currentTarget.value))}>
              {intervals.map((seconds) => <option key={seconds} value={String(seconds)}>{seconds ? `by asking every ${duration(seconds * 1000)}` : 'by its hook alone'}</option>)}
            </select>
          </label>
          <button type="button" onClick={() => setAsked('hook_secret')}>Another hook secret</button>
          {place.deploy_key && <button type="button" onClick={() => setAsked('deploy_key')}>Another deploy key</button>}
          {isWeb && <button type="button" onClick={() => setAsked('token')}>Another access token</button>}
        </form>
      )}
      {asked === 'hook_secret' && <Confirm title="Another hook secret" action="Replace it" run={rotate('hook_secret')} close={() => setAsked(null)}><p>The secret before is good for a day, so that nothing is lost until the host knows the new one.</p></Confirm>}
      {asked === 'deploy_key' && <Confirm title="Another deploy key" action="Replace it" run={rotate('deploy_key')} close={() => setAsked(null)}><p>The key before is tried after it for a day: add the new one at the host by then.</p></Confirm>}
      {asked === 'token' && (
        <Confirm title="Another access token" action={token ? 'Use it' : 'Forget the token'} run={rotate('token')} close={() => setAsked(null)}>
          <label>Token, which is not shown again; empty for none<input type="password" autocomplete="off" value={token} onInput={(event) => setToken(event.currentTarget.value)} /></label>
        </Confirm>
      )}
      {rotated && <Rotated {...rotated} worker={worker} close={() => setRotated(null)} />}
    </>
  );
}
