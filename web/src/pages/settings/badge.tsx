// The picture of the Worker's latest build for a README: off until it is switched on, at an address that nobody guesses.
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { Badge } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Command } from '../../parts/copy.tsx';
import { Problem } from '../../parts/problem.tsx';
import { plain } from '../../words/plain.ts';

const ROUTE = '/client/v4/accounts/{account_id}/builds/workers/{script_name}/badge';

export function WorkerBadge({ name }: { name: string }) {
  const path = { ...here(), script_name: name };
  const badge = useLoad(`badge ${name}`, async () => ({ now: await result(api.GET(ROUTE, { params: { path } })) }));
  const [asking, setAsking] = useState<'replace' | 'off' | null>(null);
  const [branch, setBranch] = useState<string | null>(null); // null: as it is
  const [problem, setProblem] = useState<ApiError | null>(null);
  const put = async (wish: { branch?: string; replace?: boolean }): Promise<void> => {
    await result(api.PUT(ROUTE, { params: { path }, body: wish }));
    setBranch(null);
    badge.reload();
  };
  const change = async (): Promise<void> => {
    setProblem(null);
    try {
      await put(branch === null ? {} : { branch: branch.trim() });
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const now = badge.data?.now ?? null;
  return (
    <section aria-labelledby="badge">
      <h2 id="badge">Badge</h2>
      {badge.problem && <Problem problem={badge.problem} retry={badge.reload} />}
      {badge.data && !now && <p>It is off. Switched on, it is a picture for a README: whoever is told its address sees how the latest build ended and which commit is live, and no names.</p>}
      {now && <Pictures badge={now} />}
      {badge.data && may('ci:write') && (
        <form class="row" onSubmit={(event) => { event.preventDefault(); void change(); }}>
          <label>Branch whose builds count<input type="text" maxLength={256} value={branch ?? now?.branch ?? ''} placeholder={now ? 'every branch' : 'the production branch'} onInput={(event) => setBranch(event.currentTarget.value)} spellcheck={false} /></label>
          <button type="submit" disabled={Boolean(now) && branch === null}>{now ? 'Change' : 'Switch on'}</button>
          {now && <button type="button" onClick={() => setAsking('replace')}>Another address</button>}
          {now && <button type="button" class="danger" onClick={() => setAsking('off')}>Switch off</button>}
        </form>
      )}
      {problem && <Problem problem={problem} />}
      {asking === 'replace' && (
        <Confirm title="Another address for the badge" action="Replace it" close={() => setAsking(null)} run={() => put({ replace: true })}>
          <p>The picture at the address that it has is gone then; whoever shows it needs the new one.</p>
        </Confirm>
      )}
      {asking === 'off' && (
        <Confirm title="Switch the badge off" action="Switch off" danger close={() => setAsking(null)} run={async () => { await done(api.DELETE(ROUTE, { params: { path } })); badge.reload(); }}>
          <p>Its address answers no more. Switched on again it gets another one.</p>
        </Confirm>
      )}
    </section>
  );
}

// By this page's own address: the public one may be another host, of which the page loads nothing.
function Pictures({ badge }: { badge: Badge }) {
  const address = `/badges/${badge.url.split('/badges/')[1] ?? ''}`;
  const live = `![live](${badge.url}?of=live)`;
  return (
    <div class="badges">
      <p><img src={`${address}?of=build&branch=${encodeURIComponent(badge.branch ?? '')}`} height={20} alt="How the latest build ended" /></p><Command text={plain(badge.markdown)} what="the Markdown" />
      <p><img src={`${address}?of=live`} height={20} alt="Which commit is live" /></p><Command text={plain(live)} what="the Markdown" />
    </div>
  );
}
