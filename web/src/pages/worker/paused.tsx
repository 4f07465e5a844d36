// Triggers that build nothing for now, and the way back. Said where people wonder why nothing is built.
import { api, here, result } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { OverviewWorker } from '../../api/types.ts';
import { setPaused } from '../../api/triggers.ts';
import { Icon } from '../../parts/icon.tsx';
import { notice } from '../../parts/notices.tsx';
import { plain } from '../../words/plain.ts';

export function Paused({ worker }: { worker: OverviewWorker }) {
  const tag = worker.script_tag;
  const triggers = useLoad(worker.connected ? `triggers ${tag}` : null, () => result(api.GET('/client/v4/accounts/{account_id}/builds/workers/{external_script_id}/triggers', { params: { path: { ...here(), external_script_id: tag } } })));
  const resume = async (uuid: string): Promise<void> => {
    try {
      await setPaused(uuid, false);
      notice('good', 'Pushes are built again, from the next one on');
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    triggers.reload();
  };
  const paused = (triggers.data ?? []).filter((one) => one.paused);
  return (
    <>{paused.map((one) => (
      <div class="banner quiet" role="note" key={one.trigger_uuid}>
        <Icon name="stop" /> <span>“<bdi>{plain(one.trigger_name)}</bdi>” is paused: pushes are noted and not built.</span>
        {may('ci:write') && <button type="button" onClick={() => void resume(one.trigger_uuid)}>Resume</button>}
      </div>
    ))}</>
  );
}
