// Ending things: builds of a trigger, the connection, the Worker itself.
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../../api/client.ts';
import { may } from '../../api/session.ts';
import type { OverviewWorker, Trigger } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { notice } from '../../parts/notices.tsx';
import { plain } from '../../words/plain.ts';

interface Props {
  worker: OverviewWorker;
  triggers: readonly Trigger[];
  changed: () => void;
}

export function Farewell({ worker, triggers, changed }: Props) {
  const { route } = useLocation();
  const [asked, setAsked] = useState<Trigger | 'worker' | 'repository' | null>(null);
  const dropTrigger = (trigger: Trigger) => async (): Promise<void> => {
    await done(api.DELETE('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}', { params: { path: { ...here(), trigger_uuid: trigger.trigger_uuid } } }));
    changed();
  };
  const connections = [...new Map(triggers.map((trigger) => [trigger.repo_connection.repo_connection_uuid, trigger.repo_connection])).values()];
  const disconnect = async (): Promise<void> => {
    for (const { repo_connection_uuid } of connections) {
      const { notes, hook_left } = await result(api.POST('/client/v4/accounts/{account_id}/builds/repos/connections/{repo_connection_uuid}/disconnect', { params: { path: { ...here(), repo_connection_uuid } }, body: { script_tag: worker.script_tag } }));
      notes.forEach((note) => notice('bad', plain(note)));
      if (hook_left) notice('bad', `The hook in ${plain(hook_left.clone_url)} still reports, and is refused: delete hooks/post-receive there`);
    }
    changed();
  };
  const dropWorker = async (): Promise<void> => {
    await done(api.DELETE('/client/v4/accounts/{account_id}/workers/scripts/{script_name}', { params: { path: { ...here(), script_name: worker.worker_name } } }));
    route('/');
  };
  if (!may('ci:write') && !may('scripts:write')) return null;
  return (
    <section aria-labelledby="farewell">
      <h2 id="farewell">Ending</h2>
      <div class="buttons">
        {may('ci:write') && triggers.map((trigger) => <button type="button" key={trigger.trigger_uuid} onClick={() => setAsked(trigger)}>Delete the trigger “{plain(trigger.trigger_name)}”</button>)}
        {may('ci:write') && connections.length > 0 && <button type="button" class="danger" onClick={() => setAsked('repository')}>Disconnect the repository</button>}
        {may('scripts:write') && <button type="button" class="danger" onClick={() => setAsked('worker')}>Delete the Worker</button>}
      </div>
      <p class="dim">The button takes along a webhook that Kiln made. To take the hook of a repository on the server’s machine or over SSH along, use <code>kiln disconnect</code> instead.</p>
      {asked === 'worker' && <Confirm title={`Delete ${worker.worker_name}`} action="Delete the Worker" danger run={dropWorker} close={() => setAsked(null)}><p>It answers no request any more. Its versions, secrets and schedules go with it; builds and logs stay.</p></Confirm>}
      {asked === 'repository' && <Confirm title="Disconnect the repository" action="Disconnect" danger run={disconnect} close={() => setAsked(null)}><p>No push of {connections.map((one) => one.repo_name).join(', ')} is built for {worker.worker_name} any more; its triggers and their variables are gone. The Worker stays as it is, and so do others that are built from there.</p></Confirm>}
      {asked && typeof asked === 'object' && <Confirm title="Delete the trigger" action="Delete" danger run={dropTrigger(asked)} close={() => setAsked(null)}><p>Pushes are not built by “{plain(asked.trigger_name)}” any more, and its variables are gone.</p></Confirm>}
    </section>
  );
}
