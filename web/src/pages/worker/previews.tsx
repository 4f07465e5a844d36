// Addresses of branches and named previews.
import { api, here, result, whole } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { OverviewWorker } from '../../api/types.ts';
import type { LiveChange } from '../../live/changes.ts';
import { safeHref } from '../../log/links.ts';
import { When } from '../../parts/when.tsx';
import { versionPath } from '../../paths.ts';
import { plain, shortId } from '../../words/plain.ts';

interface Props {
  worker: OverviewWorker;
  touches: (change: LiveChange) => boolean;
}

export function Previews({ worker, touches }: Props) {
  const script_name = worker.worker_name;
  const aliases = useLoad(`aliases ${script_name}`, async () => {
    const answer = await result(api.GET('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/aliases', { params: { path: { ...here(), script_name } } }));
    return answer;
  }, touches);
  const named = useLoad(`previews ${script_name}`, async () =>
    (await whole(api.GET('/client/v4/accounts/{account_id}/workers/workers/{script_name}/previews', { params: { path: { ...here(), script_name } } }))).result, touches);
  const list = Array.isArray(aliases.data) ? aliases.data : [];
  if (!list.length && !named.data?.length) return null;
  return (
    <section aria-labelledby="previews">
      <h2 id="previews">Previews</h2>
      <table class="list">
        <thead><tr><th scope="col">Preview</th><th scope="col">Address</th><th scope="col">Version</th><th scope="col" class="end">Changed</th></tr></thead>
        <tbody>
          {list.map((alias) => (
            <tr key={alias.alias}>
              <th scope="row"><bdi>{plain(alias.alias)}</bdi></th><td><Address url={alias.url} /></td>
              <td><a href={versionPath(script_name, alias.version_id)}>{shortId(alias.version_id)}</a></td><td class="end"><When at={alias.modified_on} /></td>
            </tr>
          ))}
          {named.data?.map((preview) => (
            <tr key={preview.id}>
              <th scope="row"><bdi>{plain(preview.name)}</bdi></th><td>{preview.urls.map((url) => <Address key={url} url={url} />)}</td><td class="dim">named preview</td><td class="end"><When at={preview.updated_on} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Address({ url }: { url: string }) {
  const href = safeHref(url);
  return href ? <a class="address" href={href} target="_blank" rel="noopener noreferrer">{url.replace(/^https?:\/\//, '')}</a> : <span class="dim">none</span>;
}
