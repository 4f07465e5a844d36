// "Why was my push not built?": every delivery with its verdicts, and a tester for a push that nobody made.
import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, here, whole } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { Delivery } from '../../api/types.ts';
import { Heading } from '../../parts/heading.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { Branch, Commit } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { deliveryPath, workerPath } from '../../paths.ts';
import { plural } from '../../words/plain.ts';
import { useWorkers } from '../use_workers.ts';
import { Signature } from './signature.tsx';
import { summaryOf } from './summary.ts';
import { Tester } from './tester.tsx';
import { DecisionSign } from './verdicts.tsx';

export function PushesPage() {
  const { params } = useRoute();
  const name = params['name'];
  const workers = useWorkers();
  const tag = workers.find((worker) => worker.worker_name === name)?.script_tag;
  const [branch, setBranch] = useState('');
  const [commit, setCommit] = useState('');
  const [page, setPage] = useState(1);
  const isReady = !name || tag !== undefined;
  const query = { page, per_page: 50, ...(tag ? { script_tag: tag } : {}), ...(branch ? { branch } : {}), ...(/^[0-9a-f]+$/i.test(commit) ? { commit } : {}) };
  const list = useLoad(isReady ? `pushes ${JSON.stringify(query)}` : null,
    () => whole(api.GET('/client/v4/accounts/{account_id}/builds/deliveries', { params: { path: here(), query } })), (change) => change.kind === 'build');
  const first = (change: (value: string) => void) => (event: { currentTarget: HTMLInputElement }): void => { change(event.currentTarget.value.trim()); setPage(1); };
  return (
    <>
      <Heading title={name ? `Pushes of ${name}` : 'Pushes'} above={name && <><a href="/">Workers</a> <a href={workerPath(name)}>{name}</a></>} />
      <p class="lead">Everything that a repository reported is here, also what was not built, with the rule that decided.</p>
      <Tester tag={tag} workers={workers} />
      <section aria-labelledby="deliveries">
        <div class="section-head">
          <h2 id="deliveries">What arrived</h2>
          <div class="filters">
            <input type="search" placeholder="Branch" aria-label="Only of this branch" value={branch} onChange={first(setBranch)} />
            <input type="search" placeholder="Commit" aria-label="Only of this commit" value={commit} onChange={first(setCommit)} spellcheck={false} />
          </div>
        </div>
        {list.problem && <Problem problem={list.problem} retry={list.reload} />}
        {!list.data && !list.problem && <Waiting lines={6} />}
        {list.data && (list.data.result.length ? <Deliveries list={list.data.result} /> : <Empty>{branch || commit ? 'Nothing arrived that fits.' : 'Nothing has arrived yet. A push shows here at once, whether or not it is built; if one does not, the hook did not reach Kiln: kiln connect prints it again.'}</Empty>)}
        {list.data && list.data.result_info.total_pages > 1 && (
          <nav class="pager" aria-label="Pages of the list">
            <button type="button" disabled={page <= 1} onClick={() => setPage(page - 1)}>Newer</button>
            <span class="dim">page {page} of {list.data.result_info.total_pages}, {plural(list.data.result_info.total_count, 'delivery', 'deliveries')}</span>
            <button type="button" disabled={!list.data.result_info.next_page} onClick={() => setPage(page + 1)}>Older</button>
          </nav>
        )}
      </section>
    </>
  );
}

function Deliveries({ list }: { list: readonly Delivery[] }) {
  return (
    <table class="list pushes">
      <thead><tr><th scope="col">What became of it</th><th scope="col">Push</th><th scope="col">From</th><th scope="col" class="end">When</th></tr></thead>
      <tbody>{list.map((delivery) => {
        const summary = summaryOf(delivery);
        const ref = delivery.refs[0];
        return (
          <tr key={delivery.delivery_uuid}>
            <td><DecisionSign decision={summary.decision} /> <a href={deliveryPath(delivery.delivery_uuid)} class="through"><bdi>{summary.sentence}</bdi></a></td>
            <td class="beside">{ref ? <><Branch name={ref.branch ?? ref.ref} /> <Commit hash={ref.after ?? ''} />{delivery.refs.length > 1 && <span class="dim"> and {delivery.refs.length - 1} more</span>}</> : <span class="dim">{delivery.event || 'no ref'}</span>}</td>
            <td><bdi>{delivery.repo_name}</bdi> <Signature delivery={delivery} /></td>
            <td class="end"><When at={delivery.received_on} /></td>
          </tr>
        );
      })}</tbody>
    </table>
  );
}
