// Every Worker at a glance, trouble first.
import { useState } from 'preact/hooks';
import { useLoad } from '../../api/load.ts';
import { loadOverview } from '../../api/overview.ts';
import { may } from '../../api/session.ts';
import type { OverviewWorker } from '../../api/types.ts';
import { Heading } from '../../parts/heading.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useShortcuts } from '../../parts/keys.ts';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import type { TabState } from '../../parts/title.ts';
import { connectPath } from '../../paths.ts';
import { plural } from '../../words/plain.ts';
import { FirstSteps } from '../first_run.tsx';
import { inOrder, tabState } from './order.ts';
import { QueueStrip } from './queue_strip.tsx';
import { WorkerRow } from './worker_row.tsx';

export function Home() {
  const overview = useLoad('overview', loadOverview, () => true);
  const [filter, setFilter] = useState('');
  useShortcuts([{ key: '/', says: 'Filter', run: () => document.querySelector<HTMLInputElement>('#filter')?.focus() }], []);
  const workers = overview.data?.workers ?? [];
  const tab: TabState = tabState(workers);
  if (overview.data && !workers.length) return <FirstSteps title="Welcome to Kiln" />;
  const shown = inOrder(workers, filter);
  return (
    <>
      <Heading title="Workers" tab={tab} actions={<>
        {may('ci:write') && <a class="button" href={connectPath()}><Icon name="plus" />Connect</a>}
        <input id="filter" type="search" class="filter" placeholder="Filter" aria-label="Filter Workers by name, branch, author or state"
          value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      </>} />
      {overview.problem && !overview.data && <Problem problem={overview.problem} retry={overview.reload} />}
      {overview.data && <QueueStrip queue={overview.data.queue} limits={overview.data.limits} />}
      {!overview.data && !overview.problem && <Waiting lines={8} />}
      {overview.data && (
        <>
          <WorkerTable workers={shown} />
          {filter && <p class="dim" role="status">{plural(shown.length, 'Worker')} of {workers.length}</p>}
          {!shown.length && <Empty>No Worker fits “{filter}”. <button type="button" onClick={() => setFilter('')}>Show all</button></Empty>}
        </>
      )}
    </>
  );
}

function WorkerTable({ workers }: { workers: readonly OverviewWorker[] }) {
  if (!workers.length) return null;
  return (
    <table class="list workers">
      <thead>
        <tr><th scope="col">Worker</th><th scope="col">Latest build</th><th scope="col">Live</th><th scope="col" class="end">When</th></tr>
      </thead>
      <tbody>{workers.map((worker) => <WorkerRow key={worker.script_tag} worker={worker} />)}</tbody>
    </table>
  );
}
