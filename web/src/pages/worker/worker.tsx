// One Worker: what is live, its builds, the map from versions to commits, previews.
import { signal } from '@preact/signals';
import { useLocation, useRoute } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { useLoad } from '../../api/load.ts';
import { loadOverview } from '../../api/overview.ts';
import { may } from '../../api/session.ts';
import { isWorker } from '../../live/changes.ts';
import { safeHref } from '../../log/links.ts';
import { Heading } from '../../parts/heading.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem, Waiting } from '../../parts/problem.tsx';
import { workerPath } from '../../paths.ts';
import { tabState } from '../home/order.ts';
import { BuildList } from './build_list.tsx';
import { LiveNow } from './live_now.tsx';
import { Paused } from './paused.tsx';
import { Previews } from './previews.tsx';
import { RunBuild } from './run_build.tsx';
import { VersionMap } from './version_map.tsx';

// The Worker whose dialog is open; not the page's own, which is made anew when its address changes.
const buildAsked = signal<string | null>(null);

export function WorkerPage() {
  const { params } = useRoute();
  const name = params['name'] ?? '';
  const overview = useLoad('overview', loadOverview, () => true);
  const { query, path, route } = useLocation();
  const asksToBuild = 'build' in query; // by the palette
  const running = buildAsked.value === name;
  useEffect(() => {
    if (!asksToBuild) return;
    buildAsked.value = name;
    route(path, true);
  }, [asksToBuild]);
  useEffect(() => () => { if (location.pathname !== workerPath(name)) buildAsked.value = null; }, [name]);
  const worker = overview.data?.workers.find((one) => one.worker_name === name);
  const above = <a href="/">Workers</a>;
  if (!overview.data) return <><Heading title={name} above={above} />{overview.problem ? <Problem problem={overview.problem} retry={overview.reload} /> : <Waiting lines={8} />}</>;
  if (!worker) return <><Heading title={`There is no Worker ${name}`} above={above} /><p>It may have been deleted or renamed, or belong to another account.</p><p><a class="button" href="/">All Workers</a></p></>;
  const href = safeHref(worker.url);
  const touches = (change: Parameters<typeof isWorker>[0]): boolean => isWorker(change, worker.script_tag);
  return (
    <>
      <Heading title={name} above={above} tab={tabState([worker])} actions={
        <>
          {href && <a class="button" href={href} target="_blank" rel="noopener noreferrer"><Icon name="link" />Open</a>}
          {worker.connected && may('ci:write') && <button type="button" class="main" onClick={() => { buildAsked.value = name; }}>Build…</button>}
          <a class="button" href={workerPath(name, 'pushes')}>Pushes</a>
          <a class="button" href={workerPath(name, 'settings')}>Settings</a>
        </>
      } />
      <Paused worker={worker} />
      <LiveNow worker={worker} touches={touches} />
      <BuildList worker={worker} touches={touches} />
      <VersionMap worker={worker} touches={touches} />
      <Previews worker={worker} touches={touches} />
      {running && <RunBuild tag={worker.script_tag} close={() => { buildAsked.value = null; }} />}
    </>
  );
}
