// Another name or branch for a deploy hook; its address stays.
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import type { ListedDeployHook } from '../../api/types.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';

export function ChangeDeployHook({ name, hook, close, done }: { name: string; hook: ListedDeployHook; close: () => void; done: () => void }) {
  const [label, setLabel] = useState(hook.deploy_hook_name);
  const [branch, setBranch] = useState(hook.branch);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const go = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const path = { ...here(), script_name: name, deploy_hook_uuid: hook.deploy_hook_uuid };
      await result(api.PUT('/client/v4/accounts/{account_id}/builds/workers/{script_name}/deploy_hooks/{deploy_hook_uuid}', { params: { path }, body: { deploy_hook_name: label, branch } }));
      done();
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Change the deploy hook" close={close}>
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Name<input type="text" required maxLength={58} value={label} onInput={(event) => setLabel(event.currentTarget.value)} /></label>
        <label>Branch<input type="text" required maxLength={256} value={branch} onInput={(event) => setBranch(event.currentTarget.value)} spellcheck={false} /></label>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main" disabled={busy}>Save</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
