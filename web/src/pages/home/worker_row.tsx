import type { LiveVersion, OverviewWorker } from '../../api/types.ts';
import { RecentOutcomes, StateSign } from '../../parts/state_sign.tsx';
import { Branch, Commit, Subject } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath, versionPath, workerPath } from '../../paths.ts';
import { shortId } from '../../words/plain.ts';

export function WorkerRow({ worker }: { worker: OverviewWorker }) {
  const build = worker.latest_build;
  return (
    <tr>
      <th scope="row">
        <a href={workerPath(worker.worker_name)} class="name">{worker.worker_name}</a>
        <RecentOutcomes recent={worker.recent} />
      </th>
      <td class="latest">
        {build ? (
          <div class="one-line">
            <StateSign status={build.status} outcome={build.build_outcome} />
            <a href={buildPath(build.build_uuid)} class="through"><Subject message={build.commit_message} /></a>
            <span class="beside"><Branch name={build.branch} /> <Commit hash={build.commit_hash} /></span>
          </div>
        ) : <span class="dim">{worker.connected ? 'no build yet: push to build' : 'no repository connected'}</span>}
      </td>
      <td class="live">{worker.live.length ? worker.live.map((version) => <Live key={version.version_id} worker={worker.worker_name} version={version} />) : <span class="dim">not live</span>}</td>
      <td class="end"><When at={build ? build.stopped_on ?? build.started_on ?? build.created_on : worker.live[0]?.deployed_on ?? null} /></td>
    </tr>
  );
}

function Live({ worker, version }: { worker: string; version: LiveVersion }) {
  return (
    <span class="live-version">
      <a href={versionPath(worker, version.version_id)}>
        {version.commit_hash ? <Commit hash={version.commit_hash} /> : <span>{shortId(version.version_id)} <span class="dim">by hand</span></span>}
      </a>
      {version.percentage < 100 && <span class="share">{version.percentage} %</span>}
      <span class="dim"><When at={version.deployed_on} /></span>
    </span>
  );
}
