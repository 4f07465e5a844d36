// One delivery: what came, who vouched for it, what each trigger made of it; and building now what was not built.
import { useLocation, useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { Verdict } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Heading } from '../../parts/heading.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { Branch, Commit } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath } from '../../paths.ts';
import { plain, shortCommit } from '../../words/plain.ts';
import { Signature } from './signature.tsx';
import { summaryOf } from './summary.ts';
import { DECISIONS, DecisionSign, Verdicts } from './verdicts.tsx';

export function PushPage() {
  const { params } = useRoute();
  const { route } = useLocation();
  const id = params['id'] ?? '';
  const [building, setBuilding] = useState<Verdict | null>(null);
  const one = useLoad(`push ${id}`, () => result(api.GET('/client/v4/accounts/{account_id}/builds/deliveries/{delivery_uuid}', { params: { path: { ...here(), delivery_uuid: id } } })));
  const delivery = one.data;
  if (!delivery) return <><Heading title="Push" above={<a href="/pushes">Pushes</a>} />{one.problem ? <Problem problem={one.problem} retry={one.reload} /> : <Waiting />}</>;
  const summary = summaryOf(delivery);
  const build = async (verdict: Verdict): Promise<void> => {
    const started = await result(api.POST('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}/builds', {
      params: { path: { ...here(), trigger_uuid: verdict.trigger_uuid } }, body: { branch: verdict.branch, commit_hash: verdict.commit_hash ?? '' },
    }));
    route(buildPath(started.build_uuid));
  };
  return (
    <>
      <Heading title={`${DECISIONS[summary.decision].word}: ${summary.sentence}`} above={<a href="/pushes">Pushes</a>}><DecisionSign decision={summary.decision} />: <bdi>{summary.sentence}</bdi></Heading>
      <dl class="facts">
        <div><dt>Arrived</dt><dd><When at={delivery.received_on} />{delivery.repeated > 0 && <span class="dim">, and again {delivery.repeated === 1 ? 'once' : `${delivery.repeated} times`}</span>}</dd></div>
        <div><dt>Repository</dt><dd><bdi>{plain(delivery.repo_name)}</bdi> <span class="dim">{delivery.provider_type}</span></dd></div>
        <div><dt>Event</dt><dd>{plain(delivery.event) || '–'}</dd></div>
        <div><dt>Signature</dt><dd><Signature delivery={delivery} /></dd></div>
        <div><dt>Sender’s id</dt><dd><code>{plain(delivery.provider_delivery_id) || '–'}</code></dd></div>
      </dl>
      {delivery.refs.length > 0 && (
        <section aria-labelledby="refs"><h2 id="refs">Refs</h2>
          <ul class="plain">{delivery.refs.map((ref) => (
            <li key={ref.ref}><Branch name={ref.branch ?? ref.ref} /> {ref.before ? <Commit hash={ref.before} /> : <span class="dim">new</span>} → {ref.after ? <Commit hash={ref.after} /> : <span class="dim">deleted</span>}</li>
          ))}</ul>
        </section>
      )}
      <section aria-labelledby="verdicts"><h2 id="verdicts">What each trigger made of it</h2>
        {delivery.verdicts.length
          ? <Verdicts verdicts={delivery.verdicts} act={(verdict) => verdict.decision !== 'built' && verdict.commit_hash && may('ci:write') && <button type="button" onClick={() => setBuilding(verdict)}>Build it now</button>} />
          : <Empty>No trigger was asked.</Empty>}
      </section>
      {delivery.notes.length > 0 && <section aria-labelledby="notes"><h2 id="notes">Besides</h2><ul>{delivery.notes.map((note) => <li key={note}><bdi>{plain(note)}</bdi></li>)}</ul></section>}
      {building && (
        <Confirm title="Build it now" action="Build" close={() => setBuilding(null)} run={() => build(building)}>
          <p>Commit <code>{shortCommit(building.commit_hash ?? '')}</code> is built for {building.worker_name} by “{plain(building.trigger_name)}”, filed under <bdi>{plain(building.branch)}</bdi>, and its deploy command is run.</p>
        </Confirm>
      )}
    </>
  );
}
