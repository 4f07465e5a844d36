// What stands once a repository is connected, and what only its owner can do: the key, the hook, the first build.
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import type { ConnectedRepository } from '../../api/types.ts';
import { Command, CopyButton } from '../../parts/copy.tsx';
import { Heading } from '../../parts/heading.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { buildPath, workerPath } from '../../paths.ts';
import { duration } from '../../words/duration.ts';
import { plain } from '../../words/plain.ts';
import { quoted } from '../build/run_command.ts';
import { placeOf } from './wish.ts';

export function ConnectedView({ url, made, above }: { url: string; made: ConnectedRepository; above: ComponentChildren }) {
  const name = made.worker.name;
  const key = made.credentials.deploy_key;
  return (
    <>
      <Heading title={`${name} is connected`} above={<>{above} <a href={workerPath(name)}>{name}</a></>} />
      {made.notes.map((note) => <p key={note} class="lead"><bdi>{plain(note)}</bdi></p>)}
      <dl class="facts">
        <div><dt>Repository</dt><dd><bdi>{plain(made.connection.repo_name)}</bdi> <span class="dim">{made.connection.provider_type}</span></dd></div>
        {made.triggers.map((trigger) => (
          <div key={trigger.trigger_uuid}><dt><bdi>{plain(trigger.trigger_name)}</bdi></dt>
            <dd><bdi>{plain(branchesOf(trigger))}</bdi>: <code>{plain(trigger.build_command ?? '') || 'no build command'}</code>, <code>{plain(trigger.deploy_command ?? '')}</code></dd></div>
        ))}
        {made.credentials.host_key_fingerprints && <div><dt>{made.credentials.host_key_pinned_now ? 'The host’s key, as it showed it now' : 'The host’s key'}</dt><dd><code>{plain(made.credentials.host_key_fingerprints)}</code></dd></div>}
      </dl>
      <section aria-labelledby="left">
        <h2 id="left">What is left to do</h2>
        <ol class="steps todo">
          {key && (
            <li><h3>Add the deploy key</h3>
              <p>Add it {plain(made.deploy_key_place)}; the right to read is enough.</p>
              <Command text={key.public_key} what="the deploy key" />
            </li>
          )}
          <li><HookStep url={url} made={made} /></li>
          <li><FirstBuild name={name} /></li>
        </ol>
      </section>
    </>
  );
}

function branchesOf({ branch_includes, branch_excludes }: ConnectedRepository['triggers'][number]): string {
  return branch_includes.join(', ') + (branch_excludes.length ? `, not ${branch_excludes.join(', ')}` : '');
}

function HookStep({ url, made }: { url: string; made: ConnectedRepository }) {
  const { hook, watch } = made;
  if (hook.made_at_host) return <><h3><Done /> The webhook</h3><p>It stands at the repository’s host already.</p></>;
  const polled = watch.poll_seconds > 0 && <p class="dim">Without it Kiln asks for pushes every {duration(watch.poll_seconds * 1000)}.</p>;
  if (hook.kind === 'git') {
    const isWeb = placeOf(url) === 'web';
    return (
      <>
        <h3>Install the hook</h3>
        <p>{isWeb ? 'This prints the script that installs it; run that in the repository at its host.' : 'This installs it; run it on the server’s machine, or wherever kiln is signed in and reaches the repository. It holds a secret, which is not shown here.'}</p>
        <Command text={isWeb ? `kiln repository hook ${quoted(url)} > install-hook.sh` : `kiln connect ${quoted(url)} --worker ${quoted(made.worker.name)}`} />
        {polled}
      </>
    );
  }
  return (
    <>
      <h3>Add a webhook at the repository’s host</h3>
      <p>{hook.kind === 'github' && 'Under Settings → Webhooks. '}Copy the secret now: this page does not show it again.</p>
      <dl class="hook">
        <div><dt>Payload URL</dt><dd><code>{plain(hook.url)}</code> <CopyButton text={hook.url} what="the webhook’s address" /></dd></div>
        {(hook.kind === 'github' || hook.kind === 'gitea') && <div><dt>Content type</dt><dd><code>application/json</code></dd></div>}
        <div><dt>Secret</dt><dd><code>{plain(hook.secret)}</code> <CopyButton text={hook.secret} what="the webhook’s secret" /></dd></div>
        <div><dt>Events</dt><dd>pushes and pull requests</dd></div>
      </dl>
      {polled}
    </>
  );
}

const Done = () => <span class="state good"><Icon name="tick" /><span class="unseen">done:</span></span>;

function FirstBuild({ name }: { name: string }) {
  const { route } = useLocation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const build = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      route(buildPath((await result(api.POST('/kiln/v1/accounts/{account_id}/build', { params: { path: here() }, body: { worker: name } }))).build_uuid));
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  return (
    <>
      <h3>Push, or build it now</h3>
      <p class="dim">Every push that arrives stands under <a href={workerPath(name, 'pushes')}>Pushes</a>; commands, variables and secrets under <a href={workerPath(name, 'settings')}>Settings</a>.</p>
      {problem && <Problem problem={problem} />}
      <div class="buttons"><button type="button" disabled={busy} onClick={() => void build()}>Build it now</button></div>
    </>
  );
}
