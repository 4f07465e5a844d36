// Builds a branch's head or a commit now.
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { buildPath } from '../../paths.ts';
import { plain } from '../../words/plain.ts';

export function RunBuild({ tag, close }: { tag: string; close: () => void }) {
  const { route } = useLocation();
  const triggers = useLoad(`triggers ${tag}`, () => result(api.GET('/client/v4/accounts/{account_id}/builds/workers/{external_script_id}/triggers', { params: { path: { ...here(), external_script_id: tag } } })));
  const [trigger, setTrigger] = useState('');
  const [branch, setBranch] = useState('');
  const [commit, setCommit] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const first = triggers.data?.[0];
  const uuid = trigger || first?.trigger_uuid;
  const guess = first?.branch_includes.find((pattern) => !pattern.includes('*')) ?? '';
  const go = async (): Promise<void> => {
    if (!uuid) return;
    setBusy(true);
    const wanted = branch || (commit ? '' : guess);
    try {
      const started = await result(api.POST('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}/builds', {
        params: { path: { ...here(), trigger_uuid: uuid } }, body: { ...(wanted ? { branch: wanted } : {}), ...(commit ? { commit_hash: commit } : {}) } as { branch: string },
      }));
      close();
      route(buildPath(started.build_uuid));
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Build now" close={close}>
      {triggers.data?.length === 0 && <Empty>The Worker has no trigger.</Empty>}
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        {triggers.data && triggers.data.length > 1 && (
          <label>By the trigger
            <select value={uuid} onChange={(event) => setTrigger(event.currentTarget.value)}>{triggers.data.map((one) => <option key={one.trigger_uuid} value={one.trigger_uuid}>{plain(one.trigger_name)}</option>)}</select>
          </label>
        )}
        <label>Branch<input type="text" value={branch} placeholder={guess} onInput={(event) => setBranch(event.currentTarget.value.trim())} spellcheck={false} /></label>
        <label>Commit, 7 digits or more; the branch’s head when it is empty
          <input type="text" value={commit} pattern="[0-9a-fA-F]{7,64}" onInput={(event) => setCommit(event.currentTarget.value.trim())} spellcheck={false} />
        </label>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main" disabled={busy || !uuid || !(branch || commit || guess)}>Build</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
