// Makes a version live, wholly or for a share of the requests; says what that means for secrets first.
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import type { OverviewWorker, VersionComparison } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { notice } from '../../parts/notices.tsx';
import { shortId } from '../../words/plain.ts';

interface Props {
  worker: OverviewWorker;
  versionId: string;
  word: string;
  secrets: VersionComparison['secrets'] | null;
  close: () => void;
}

export async function deployVersion(script_name: string, versions: Array<{ version_id: string; percentage: number }>): Promise<void> {
  await result(api.POST('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/deployments', {
    params: { path: { ...here(), script_name } }, body: { strategy: 'percentage', versions },
  }));
}

export function Deploy({ worker, versionId, word, secrets, close }: Props) {
  const other = worker.live.find((one) => one.version_id !== versionId && one.percentage > 0);
  const [share, setShare] = useState(100);
  const run = async (): Promise<void> => {
    await deployVersion(worker.worker_name, share === 100 || !other
      ? [{ version_id: versionId, percentage: 100 }]
      : [{ version_id: versionId, percentage: share }, { version_id: other.version_id, percentage: 100 - share }]);
    notice('good', `Version ${shortId(versionId)} answers ${share} % of the requests`);
  };
  const isOdd = secrets && (secrets.only_here.length > 0 || secrets.only_there.length > 0);
  return (
    <Confirm title={word.replace('…', '')} action={share === 100 ? 'Make it live' : `Give it ${share} %`} run={run} close={close}>
      <p>Requests to {worker.worker_name} go to version <code>{shortId(versionId)}</code> as soon as it has started; none is dropped.</p>
      {other && (
        <label class="slider">Share of the requests: <strong class="number">{share} %</strong>
          <input type="range" min={1} max={100} value={share} onInput={(event) => setShare(Number(event.currentTarget.value))} />
          {share < 100 && <span class="dim">the other {100 - share} % stay with {shortId(other.version_id)}</span>}
        </label>
      )}
      {isOdd && (
        <div class="problem" role="note">
          <p><strong>Its secrets are those that it was uploaded with.</strong></p>
          {secrets.only_there.length > 0 && <p>It lacks: {secrets.only_there.join(', ')}</p>}
          {secrets.only_here.length > 0 && <p>It alone has: {secrets.only_here.join(', ')}</p>}
        </div>
      )}
    </Confirm>
  );
}
