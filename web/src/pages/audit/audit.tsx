// Who changed what in the account, the newest first. For administrators.
import { useEffect, useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { isAdmin } from '../../api/session.ts';
import type { AuditEntry, AuditPage as Page } from '../../api/types.ts';
import { Heading } from '../../parts/heading.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { Entry } from './entry.tsx';

export function AuditPage() {
  const administers = isAdmin();
  const [who, setWho] = useState('');
  const [target, setTarget] = useState('');
  const [more, setMore] = useState<Page | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const query = { per_page: 50, ...(who ? { who } : {}), ...(target ? { target } : {}) };
  const ask = (cursor?: string) => result(api.GET('/kiln/v1/accounts/{account_id}/audit', { params: { path: here(), query: { ...query, ...(cursor ? { cursor } : {}) } } }));
  const name = `audit ${JSON.stringify(query)}`;
  const first = useLoad(administers ? name : null, () => ask());
  useEffect(() => setMore(null), [name]);
  const entries = [...(first.data?.entries ?? []), ...(more?.entries ?? [])];
  const cursor = more ? more.cursor : first.data?.cursor ?? null;
  const fault = first.problem ?? problem;
  const older = async (): Promise<void> => {
    try {
      const page = await ask(cursor ?? undefined);
      setMore({ entries: [...(more?.entries ?? []), ...page.entries], cursor: page.cursor });
      setProblem(null);
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  return (
    <>
      <Heading title="Audit" above={<a href="/account">Account</a>} />
      <p class="lead">Who changed what, from where. Secrets are in no entry. On the command line: <code>kiln audit --changes</code>.</p>
      {!administers && <Empty>Administrators read it: sign in with a token that has the right admin, or with the link of <code>kiln dashboard</code>.</Empty>}
      {administers && (
        <section aria-labelledby="entries">
          <div class="section-head">
            <h2 id="entries">What was changed</h2>
            <div class="filters">
              <input type="search" placeholder="Who, in full" aria-label="Only by this caller" value={who} onChange={(event) => setWho(event.currentTarget.value.trim())} />
              <input type="search" placeholder="On what" aria-label="Only on what has this in its name" value={target} onChange={(event) => setTarget(event.currentTarget.value.trim())} spellcheck={false} />
            </div>
          </div>
          {fault && <Problem problem={fault} retry={first.reload} />}
          {!first.data && !first.problem && <Waiting lines={6} />}
          {first.data && entries.length === 0 && <Empty>{who ? 'Nothing fits; a caller is found by the whole name.' : target ? 'Nothing fits.' : 'Nothing was changed yet.'}</Empty>}
          {entries.length > 0 && <Entries entries={entries} />}
          {cursor && <p class="pager"><button type="button" onClick={() => void older()}>Older</button></p>}
        </section>
      )}
    </>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <table class="list">
      <thead><tr><th scope="col">Who</th><th scope="col">What</th><th scope="col">From</th><th scope="col" class="end">When</th></tr></thead>
      <tbody>{entries.map((entry) => (
        <Entry key={entry.id} entry={entry} when={<When at={entry.created_on} />} />
      ))}</tbody>
    </table>
  );
}
