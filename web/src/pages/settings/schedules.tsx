// When the Worker is called by the clock.
import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';

export function Schedules({ name }: { name: string }) {
  const schedules = useLoad(`schedules ${name}`, () => result(api.GET('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/schedules', { params: { path: { ...here(), script_name: name } } })));
  if (schedules.problem?.status === 404 || schedules.data?.schedules.length === 0) return null;
  return (
    <section aria-labelledby="schedules">
      <h2 id="schedules">Cron triggers</h2>
      {schedules.problem && <Problem problem={schedules.problem} retry={schedules.reload} />}
      {schedules.data && (
        <table class="list"><thead><tr><th scope="col">Expression</th><th scope="col" class="end">Runs next</th></tr></thead>
          <tbody>{schedules.data.schedules.map((one) => <tr key={one.cron}><th scope="row"><code>{one.cron}</code></th><td class="end">{one.next_on ? <When at={one.next_on} /> : <span class="dim">never</span>}</td></tr>)}</tbody></table>
      )}
    </section>
  );
}
