// Credentials that were just replaced, and where they have to be entered: shown once.
import type { RotatedCredentials } from '../../api/types.ts';
import { Command } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { plain } from '../../words/plain.ts';
import { quoted } from '../build/run_command.ts';
import { placeOf } from '../connect/wish.ts';

export function Rotated({ made, worker, close }: { made: RotatedCredentials; worker: string; close: () => void }) {
  const { hook, credentials } = made;
  const isInstalled = hook?.kind === 'git' && placeOf(made.clone_url) !== 'web';
  return (
    <Dialog title="Replaced" close={close}>
      {made.notes.map((note) => <p key={note}><bdi>{plain(note)}</bdi></p>)}
      {credentials.deploy_key && <><p>The deploy key, to be added {plain(made.deploy_key_place)}:</p><Command text={credentials.deploy_key.public_key} what="the deploy key" /></>}
      {hook?.made_at_host && <p>The webhook at the host knows its secret already.</p>}
      {hook && !hook.made_at_host && isInstalled && <><p>This writes the hook’s secret into the repository; run it where kiln reaches both:</p><Command text={`kiln connect ${quoted(made.clone_url)} --worker ${quoted(worker)}`} /></>}
      {hook && !hook.made_at_host && !isInstalled && <><p>The hook’s secret, to be entered at the host beside the address <code>{plain(hook.url)}</code>; it is not shown again:</p><Command text={hook.secret} what="the secret" /></>}
      <div class="buttons"><button type="button" class="main" onClick={close}>Done</button></div>
    </Dialog>
  );
}
