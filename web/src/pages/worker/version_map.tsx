// version → build → commit → share: which version came from where, and which answers how much.
import { useState } from 'preact/hooks';
import { api, here, result, whole } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { OverviewWorker } from '../../api/types.ts';
import type { LiveChange } from '../../live/changes.ts';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { Branch, Commit, Subject } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath, versionPath } from '../../paths.ts';
import { shortId } from '../../words/plain.ts';

interface Props {
  worker: OverviewWorker;
  touches: (change: LiveChange) => boolean;
}

export function VersionMap({ worker, touches }: Props) {
  const script_name = worker.worker_name;
  const [page, setPage] = useState(1);
  const map = useLoad(`map ${script_name} ${page}`, async () => {
    const { result: found, result_info: info } = await whole(api.GET('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/versions', { params: { path: { ...here(), script_name }, query: { page, per_page: 20 } } }));
    const ids = found.items.map((version) => version.id);
    const { builds } = ids.length
      ? await result(api.GET('/client/v4/accounts/{account_id}/builds/builds', { params: { path: here(), query: { version_ids: ids.join(',') } } }))
      : { builds: {} };
    return { versions: found.items, builds, pages: info.total_pages };
  }, touches);
  return (
    <section aria-labelledby="map">
      <h2 id="map">Versions</h2>
      {map.problem && <Problem problem={map.problem} retry={map.reload} />}
      {!map.data && !map.problem && <Waiting lines={4} />}
      {map.data?.versions.length === 0 && <Empty>No version was uploaded yet.</Empty>}
      {map.data && map.data.versions.length > 0 && (
        <table class="list versions">
          <thead><tr><th scope="col">Version</th><th scope="col">Made by</th><th scope="col">Live</th><th scope="col" class="end">Uploaded</th></tr></thead>
          <tbody>{map.data.versions.map((version) => {
            const build = map.data?.builds[version.id];
            const share = worker.live.find((one) => one.version_id === version.id)?.percentage ?? 0;
            return (
              <tr key={version.id}>
                <th scope="row"><a href={versionPath(script_name, version.id)}>{shortId(version.id)}</a> <span class="dim number">no. {version.number}</span></th>
                <td class="latest">{build ? (
                  <div class="one-line">
                    <a href={buildPath(build.build_uuid)} class="through"><Subject message={build.build_trigger_metadata.commit_message} /></a>
                    <span class="beside"><Branch name={build.build_trigger_metadata.branch} /> <Commit hash={build.build_trigger_metadata.commit_hash} /></span>
                  </div>
                ) : <span class="dim">uploaded by hand</span>}</td>
                <td>{share > 0 ? <strong class="share number">{share} %</strong> : <span class="dim">–</span>}</td>
                <td class="end"><When at={version.metadata.created_on} /></td>
              </tr>
            );
          })}</tbody>
        </table>
      )}
      {map.data && map.data.pages > 1 && (
        <nav class="pager" aria-label="Pages of versions">
          <button type="button" disabled={page <= 1} onClick={() => setPage(page - 1)}>Newer</button>
          <span class="dim">page {page} of {map.data.pages}</span>
          <button type="button" disabled={page >= map.data.pages} onClick={() => setPage(page + 1)}>Older</button>
        </nav>
      )}
    </section>
  );
}
