// What was sent to a sink, and what it answered.
import { api, done, here, whole } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { Sink } from '../../api/types.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { notice } from '../../parts/notices.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath } from '../../paths.ts';
import { plain } from '../../words/plain.ts';

const STATES = { waiting: { tone: 'quiet', sign: 'wait' }, delivered: { tone: 'good', sign: 'tick' }, parked: { tone: 'bad', sign: 'cross' } } as const;

export function Deliveries({ sink, close }: { sink: Sink; close: () => void }) {
  const path = { ...here(), sink_uuid: sink.sink_uuid };
  const sent = useLoad(`sink ${sink.sink_uuid}`, async () => (await whole(api.GET('/client/v4/accounts/{account_id}/builds/sinks/{sink_uuid}/deliveries', { params: { path } }))).result, (change) => change.kind === 'build');
  const again = async (delivery_uuid: string): Promise<void> => {
    try {
      await done(api.POST('/client/v4/accounts/{account_id}/builds/sinks/{sink_uuid}/deliveries/{delivery_uuid}/resend', { params: { path: { ...path, delivery_uuid } } }));
      notice('good', 'It is sent again');
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    sent.reload();
  };
  return (
    <Dialog title={`What was sent to ${plain(sink.name)}`} close={close} wide>
      {sent.problem && <Problem problem={sent.problem} retry={sent.reload} />}
      {!sent.data && !sent.problem && <Waiting />}
      {sent.data?.length === 0 && <Empty>Nothing yet.</Empty>}
      {sent.data && sent.data.length > 0 && (
        <table class="list">
          <thead><tr><th scope="col">Event</th><th scope="col">State</th><th scope="col">Answer</th><th scope="col" class="end">When</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{sent.data.map((one) => (
            <tr key={one.delivery_uuid}>
              <th scope="row">{one.event.replace('cf.workersBuilds.worker.', '')} {one.build_uuid && <a href={buildPath(one.build_uuid)}>build</a>}</th>
              <td><span class={`state ${STATES[one.state].tone}`}><Icon name={STATES[one.state].sign} /><span>{one.state}</span></span>{one.attempts > 1 && <span class="dim"> {one.attempts} tries</span>}</td>
              <td><bdi>{plain(one.error ?? (one.status ? `${one.status} ${one.answer ?? ''}` : '–')).slice(0, 200)}</bdi></td>
              <td class="end"><When at={one.tried_on ?? one.created_on} /></td>
              <td class="end">{may('ci:write') && one.state !== 'waiting' && <button type="button" class="quiet small" onClick={() => void again(one.delivery_uuid)}>Send again</button>}</td>
            </tr>
          ))}</tbody>
        </table>
      )}
      <div class="buttons"><button type="button" onClick={close}>Close</button></div>
    </Dialog>
  );
}
