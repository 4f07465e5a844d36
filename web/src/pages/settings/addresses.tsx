// Where the Worker and its previews answer: its own host, custom domains.
import { api, here, result, whole } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { notice } from '../../parts/notices.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Address } from '../worker/previews.tsx';

export function Addresses({ name }: { name: string }) {
  const path = { ...here(), script_name: name };
  const own = useLoad(`subdomain ${name}`, () => result(api.GET('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/subdomain', { params: { path } })));
  const domains = useLoad(`domains ${name}`, async () => (await whole(api.GET('/client/v4/accounts/{account_id}/workers/domains', { params: { path: here(), query: { service: name } } }))).result);
  const set = async (change: { enabled: boolean; previews_enabled: boolean }): Promise<void> => {
    try {
      await result(api.POST('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/subdomain', { params: { path }, body: change }));
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    own.reload();
  };
  if (own.problem?.status === 404) return null;
  return (
    <section aria-labelledby="addresses">
      <h2 id="addresses">Addresses</h2>
      {own.problem && <Problem problem={own.problem} retry={own.reload} />}
      {own.data && (
        <>
          <label class="check"><input type="checkbox" checked={own.data.enabled} disabled={!may('scripts:write')} onChange={(event) => void set({ enabled: event.currentTarget.checked, previews_enabled: own.data?.previews_enabled ?? false })} /> The Worker answers at its own host</label>
          <label class="check"><input type="checkbox" checked={own.data.previews_enabled} disabled={!may('scripts:write')} onChange={(event) => void set({ enabled: own.data?.enabled ?? false, previews_enabled: event.currentTarget.checked })} /> Versions and branches have preview addresses</label>
        </>
      )}
      {domains.data && domains.data.length > 0 && <ul class="plain">{domains.data.map((domain) => <li key={domain.id}><Address url={`https://${domain.hostname}`} /> <span class="dim">custom domain</span></li>)}</ul>}
      <p class="dim">Routes and custom domains are set by wrangler’s configuration, and deployed with the Worker.</p>
    </section>
  );
}
