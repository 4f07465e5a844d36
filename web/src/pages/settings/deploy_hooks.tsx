// Addresses that start a build when they are posted to. Who knows one can start a build.
import { useState } from 'preact/hooks';
import { api, here, result, whole } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { ListedDeployHook } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { Branch } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { plain } from '../../words/plain.ts';
import { ChangeDeployHook } from './change_deploy_hook.tsx';

export function DeployHooks({ name }: { name: string }) {
  const path = { ...here(), script_name: name };
  const hooks = useLoad(`hooks ${name}`, async () => (await whole(api.GET('/client/v4/accounts/{account_id}/builds/workers/{script_name}/deploy_hooks', { params: { path } }))).result);
  const [label, setLabel] = useState('');
  const [branch, setBranch] = useState('');
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [changing, setChanging] = useState<ListedDeployHook | null>(null);
  const [deleting, setDeleting] = useState<ListedDeployHook | null>(null);
  const add = async (): Promise<void> => {
    setProblem(null);
    try {
      await result(api.POST('/client/v4/accounts/{account_id}/builds/workers/{script_name}/deploy_hooks', { params: { path }, body: { deploy_hook_name: label, branch } }));
      setLabel('');
      setBranch('');
      hooks.reload();
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const address = (hook: ListedDeployHook): string => `${location.origin}/client/v4/workers/builds/deploy_hooks/${hook.deploy_hook_uuid}`;
  return (
    <section aria-labelledby="hooks">
      <h2 id="hooks">Deploy hooks</h2>
      {hooks.problem && <Problem problem={hooks.problem} retry={hooks.reload} />}
      {hooks.data?.length === 0 && <Empty>There are none. A POST to a hook’s address builds its branch.</Empty>}
      {hooks.data && hooks.data.length > 0 && (
        <table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Branch</th><th scope="col">Last build</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{hooks.data.map((hook) => (
            <tr key={hook.deploy_hook_uuid}><th scope="row"><bdi>{plain(hook.deploy_hook_name)}</bdi></th><td><Branch name={hook.branch} /></td><td><When at={hook.latest_build?.created_on ?? null} /></td>
              <td class="end"><CopyButton text={address(hook)} what="the hook’s address" />{may('ci:write') && <><button type="button" class="quiet small" aria-label={`Change ${plain(hook.deploy_hook_name)}`} onClick={() => setChanging(hook)}>Change</button><button type="button" class="quiet small" onClick={() => setDeleting(hook)}>Delete</button></>}</td></tr>
          ))}</tbody></table>
      )}
      {may('ci:write') && (
        <form class="row" onSubmit={(event) => { event.preventDefault(); void add(); }}>
          <label>Name<input type="text" required maxLength={58} value={label} onInput={(event) => setLabel(event.currentTarget.value)} /></label>
          <label>Branch<input type="text" required maxLength={256} value={branch} onInput={(event) => setBranch(event.currentTarget.value)} spellcheck={false} /></label>
          <button type="submit">Add</button>
        </form>
      )}
      {problem && <Problem problem={problem} />}
      {changing && <ChangeDeployHook name={name} hook={changing} close={() => setChanging(null)} done={() => { setChanging(null); hooks.reload(); }} />}
      {deleting && (
        <Confirm title="Delete the deploy hook" action="Delete" danger close={() => setDeleting(null)} run={async () => {
          await result(api.DELETE('/client/v4/accounts/{account_id}/builds/workers/{script_name}/deploy_hooks/{deploy_hook_uuid}', { params: { path: { ...path, deploy_hook_uuid: deleting.deploy_hook_uuid } } }));
          hooks.reload();
        }}><p>Its address starts no build any more: whoever posts to it gets a refusal.</p></Confirm>
      )}
    </section>
  );
}
