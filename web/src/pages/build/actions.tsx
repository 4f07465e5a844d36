// What can be done with a build.
import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { may } from '../../api/session.ts';
import type { BuildComparison, BuildDetail } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { copy } from '../../parts/copy.tsx';
import { useShortcuts } from '../../parts/keys.ts';
import { Menu } from '../../parts/menu.tsx';
import { askToNotify, canNotify, notice } from '../../parts/notices.tsx';
import { Icon } from '../../parts/icon.tsx';
import { buildPath } from '../../paths.ts';
import { shortCommit, shortId } from '../../words/plain.ts';
import { useWorkers } from '../use_workers.ts';
import { deployVersion } from '../version/deploy.tsx';
import { runCommand } from './run_command.ts';

export const wantsNotice = signal(''); // the build whose end is told on the desktop

interface Props {
  detail: BuildDetail;
  compared: BuildComparison | null;
  reload: () => void;
}

type Asked = 'approve' | 'cancel' | 'promote' | 'roll back' | null;

export function Actions({ detail, compared, reload }: Props) {
  const { summary } = detail;
  const { route } = useLocation();
  const [asked, setAsked] = useState<Asked>(null);
  const worker = useWorkers().find((one) => one.script_tag === summary.script_tag);
  const path = { ...here(), build_uuid: summary.build_uuid };
  const isStopped = summary.status === 'stopped';
  const newest = detail.versions.at(-1);
  const live = detail.versions.find((version) => version.live_percentage > 0);
  const before = compared?.other?.version_ids.at(-1);
  const retry = async (): Promise<void> => {
    try {
      const started = await result(api.POST('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/retry', { params: { path } }));
      route(buildPath(started.build_uuid));
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
  };
  const cancel = async (): Promise<void> => {
    await result(api.PUT('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/cancel', { params: { path } }));
    reload();
  };
  const approve = async (): Promise<void> => {
    await done(api.POST('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/approve', { params: { path } }));
    reload();
  };
  const goLive = (version_id: string) => async (): Promise<void> => {
    await deployVersion(summary.worker_name, [{ version_id, percentage: 100 }]);
    notice('good', `Version ${shortId(version_id)} is live`);
    reload();
  };
  const isOlder = Boolean(newest && worker?.live.some((one) => Date.parse(one.deployed_on) > Date.parse(newest.created_on) && one.version_id !== newest.version_id));
  useShortcuts(isStopped && may('ci:write') ? [{ key: 'r', says: 'Retry', run: () => void retry() }] : [], [isStopped, summary.build_uuid]);
  return (
    <>
      {detail.build.waits_for_approval && may('ci:write') && <button type="button" class="main" onClick={() => setAsked('approve')}>Approve…</button>}
      {!isStopped && may('ci:write') && <button type="button" onClick={() => setAsked('cancel')}>Cancel</button>}
      {!isStopped && canNotify() && wantsNotice.value !== summary.build_uuid && (
        <button type="button" onClick={() => void askToNotify().then((granted) => { if (granted) { wantsNotice.value = summary.build_uuid; notice('good', 'Its end will be told on your desktop'); } else notice('bad', 'The browser does not allow notices of this page'); })}>Tell me</button>
      )}
      {isStopped && may('ci:write') && <button type="button" class={summary.build_outcome === 'success' ? undefined : 'main'} onClick={() => void retry()}>Retry</button>}
      {isStopped && newest && newest.live_percentage < 100 && may('scripts:write') && <button type="button" class="main" onClick={() => setAsked('promote')}>{isOlder ? 'Roll back to it' : 'Promote'}</button>}
      {live && before && may('scripts:write') && <button type="button" onClick={() => setAsked('roll back')}>Roll back</button>}
      <Menu label={<><Icon name="more" /><span class="unseen">More</span></>}>
        <button type="button" onClick={() => void copy(runCommand(detail), 'the command for your machine')}>Copy as kiln run</button>
        <button type="button" onClick={() => void copy(`kiln logs ${summary.build_uuid}`, 'the command')}>Copy as kiln logs</button>
        <button type="button" onClick={() => void copy(summary.build_uuid, 'the build’s id')}>Copy the build’s id</button>
        {summary.commit_hash && <button type="button" onClick={() => void copy(summary.commit_hash, 'the commit')}>Copy the commit</button>}
      </Menu>
      {asked === 'approve' && (
        <Confirm title="Let this commit be built" action="Approve" run={approve} close={() => setAsked(null)}>
          <p>Commit <code>{shortCommit(summary.commit_hash)}</code> of a fork is built once, without secrets, and not deployed. Read what it changes first: its commands run on this server’s runner.</p>
        </Confirm>
      )}
      {asked === 'cancel' && <Confirm title="Cancel this build" action="Cancel the build" danger run={cancel} close={() => setAsked(null)}><p>Its commands are ended, and nothing of it is kept. What it has deployed stays deployed.</p></Confirm>}
      {asked === 'promote' && newest && (
        <Confirm title={isOlder ? 'Roll back to this build' : 'Promote this build'} action="Make it live" run={goLive(newest.version_id)} close={() => setAsked(null)}>
          <p>All requests to {summary.worker_name} go to version <code>{shortId(newest.version_id)}</code> of commit <code>{shortCommit(summary.commit_hash)}</code>. It keeps the secrets that it was uploaded with.</p>
        </Confirm>
      )}
      {asked === 'roll back' && before && (
        <Confirm title="Roll back" action="Roll back" danger run={goLive(before)} close={() => setAsked(null)}>
          <p>All requests to {summary.worker_name} go to version <code>{shortId(before)}</code> of commit <code>{shortCommit(compared?.other?.commit_hash ?? '')}</code>, the last good build before this one. It keeps the secrets that it was uploaded with.</p>
        </Confirm>
      )}
    </>
  );
}
