// Credentials that were just replaced, and where they have to be entered: shown once.
import type { RotatedCredentials } from '../../api/types.ts';
import { Command } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { plain } from '../../words/plain.ts';
import { quoted } from '../build/run_command.ts';
import { placeOf } from '../connect/wish.ts';

export type Replaced = 'hook_secret' | 'deploy_key' | 'token';

export function Rotated({ made, what, worker, close }: { made: RotatedCredentials; what: Replaced; worker: string; close: () => void }) {
  const { credentials } = made;
  const hook = what === 'hook_secret' ? made.hook : null; // told whatever was replaced
  const isInstalled = hook?.kind === 'git' && placeOf(made.clone_url) !== 'web';
  return (
    <Dialog title="Replaced" close={close}>
      {made.notes.map((note) => <p key={note}><bdi>{plain(note)}</bdi></p>)}
      {what === 'token' && <p>The new token counts from now on.</p>}
      {what === 'deploy_key' && credentials.deploy_key && <><p>The deploy key, to be added {plain(made.deploy_key_place)}:</p><Command text={credentials.deploy_key.public_key} what="the deploy key" /></>}
      {hook?.made_at_host && <p>The webhook at the host knows its secret already.</p>}
      {hook && !hook.made_at_host && isInstalled && <><p>This writes the hook’s secret into the repository; run it where kiln reaches both:</p><Command text={`kiln connect ${quoted(made.clone_url)} --worker ${quoted(worker)}`} /></>}
      {hook && !hook.made_at_host && hook.kind === 'git' && !isInstalled && <><p>This prints the script that writes it there; run that in the repository at its host:</p><Command text={`kiln repository hook ${quoted(made.clone_url)} > install-hook.sh`} /></>}
      {hook && !hook.made_at_host && hook.kind !== 'git' && <><p>The hook’s secret, to be entered at the host beside the address <code>{plain(hook.url)}</code>; it is not shown again:</p><Command text={hook.secret} what="the secret" /></>}
      <div class="buttons"><button type="button" class="main" onClick={close}>Done</button></div>
    </Dialog>
  );
}
