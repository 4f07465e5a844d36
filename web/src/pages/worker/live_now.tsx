// What answers requests now, with each version's share; and how long a build is expected to take.
import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { OverviewWorker } from '../../api/types.ts';
import type { LiveChange } from '../../live/changes.ts';
import { RecentOutcomes } from '../../parts/state_sign.tsx';
import { Branch, Commit, Subject } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath, versionPath } from '../../paths.ts';
import { duration } from '../../words/duration.ts';
import { shortId } from '../../words/plain.ts';

interface Props {
  worker: OverviewWorker;
  touches: (change: LiveChange) => boolean;
}

export function LiveNow({ worker, touches }: Props) {
  const latest = worker.latest_build?.build_uuid ?? null;
  const detail = useLoad(latest && `detail ${latest}`, () =>
    result(api.GET('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/detail', { params: { path: { ...here(), build_uuid: latest ?? '' } } })), touches);
  const expected = detail.data?.expected_ms;
  return (
    <section class="panel" aria-labelledby="live-now">
      <h2 id="live-now">Live now</h2>
      {worker.live.length === 0 && <p class="dim">Nothing is deployed yet.</p>}
      <ul class="plain shares">
        {worker.live.map((version) => (
          <li key={version.version_id}>
            <span class="share number">{version.percentage} %</span>
            <a href={versionPath(worker.worker_name, version.version_id)}>version {shortId(version.version_id)}</a>
            {version.build_uuid ? (
              <span class="from"><Commit hash={version.commit_hash ?? ''} /> <Branch name={version.branch ?? ''} /> <a href={buildPath(version.build_uuid)} class="through"><Subject message={version.commit_message ?? ''} /></a></span>
            ) : <span class="dim">uploaded by hand</span>}
            <span class="dim">deployed <When at={version.deployed_on} /></span>
          </li>
        ))}
      </ul>
      <p class="dim"><RecentOutcomes recent={worker.recent} /> {expected !== null && expected !== undefined && <>a build takes about {duration(expected)}</>}</p>
    </section>
  );
}
