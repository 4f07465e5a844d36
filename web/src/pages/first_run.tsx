// The first hour: three commands to copy, each ticked the moment it has worked.
import { api, here, result } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { loadOverview } from '../api/overview.ts';
import { isAdmin, may } from '../api/session.ts';
import { useLater } from '../later.ts';
import { Command } from '../parts/copy.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { StateSign } from '../parts/state_sign.tsx';
import { buildPath, connectPath, workerPath } from '../paths.ts';

export function FirstRun() {
  return <FirstSteps title="First steps" />;
}

export function FirstSteps({ title }: { title: string }) {
  const overview = useLoad('overview', loadOverview, () => true);
  const pushes = useLoad('first push', () => result(api.GET('/client/v4/accounts/{account_id}/builds/deliveries', { params: { path: here(), query: { per_page: 1 } } })), () => true);
  const runners = useLoad('runners', () => result(api.GET('/client/v4/accounts/{account_id}/builds/runners', { params: { path: here() } })), () => true);
  const workers = overview.data?.workers ?? [];
  const connected = workers.find((worker) => worker.connected);
  const build = workers.map((worker) => worker.latest_build).find((one) => one?.build_outcome === 'success') ?? workers.map((worker) => worker.latest_build).find(Boolean);
  const paused = (runners.data ?? []).filter((runner) => runner.state !== 'taking');
  const isBuilt = build?.build_outcome === 'success';
  return (
    <>
      <Heading title={title} />
      <p class="lead">Three commands lead from a git repository to a Worker that is built and deployed with every push. Each is ticked here as soon as it has worked.</p>
      {overview.problem && <Problem problem={overview.problem} retry={overview.reload} />}
      <ol class="steps">
        <Step done={Boolean(connected)} title="Connect a repository">
          <Command text="kiln connect /srv/git/shop.git --worker shop" />
          <p class="dim">A bare repository on this machine or over SSH gets a hook; for one over https a webhook’s address and secret are printed.</p>
          {may('ci:write') && <p><a href={connectPath()}>Or connect it here</a>, without a command line.</p>}
          {connected && <p>Connected: <a href={workerPath(connected.worker_name)}>{connected.worker_name}</a></p>}
        </Step>
        <Step done={Boolean(pushes.data?.length)} title="Push">
          <Command text="git push" />
          <p class="dim">The pusher sees which build was queued. Every push that arrives stands under <a href="/pushes">Pushes</a>, also one that is not built, with the reason.</p>
        </Step>
        <Step done={isBuilt} title="Watch it build">
          <Command text="kiln logs shop --follow" />
          {build && !isBuilt && <p><StateSign status={build.status} outcome={build.build_outcome} /> <a href={buildPath(build.build_uuid)}>{build.sentence}</a></p>}
          {build && isBuilt && <p><a href={buildPath(build.build_uuid)}>{build.sentence}</a></p>}
        </Step>
      </ol>
      <section aria-labelledby="machine">
        <h2 id="machine">The server’s machine</h2>
        {runners.data && (runners.data.length === 0
          ? <p><span class="state warn"><Icon name="break" /><span>No runner has called yet.</span></span> <code>kiln doctor</code> says what is missing.</p>
          : paused.length === 0
            ? <p><span class="state good"><Icon name="tick" /><span>{runners.data.length === 1 ? 'A runner takes builds.' : `${runners.data.length} runners take builds.`}</span></span></p>
            : paused.map((runner) => <p key={runner.runner_id}><span class="state warn"><Icon name="break" /><span>{runner.runner_id}: {runner.why ?? runner.state}</span></span></p>))}
        <Findings />
      </section>
    </>
  );
}

// Of the server's machine: for those who look after it; for others the command that its administrator runs.
function Findings() {
  const administers = isAdmin();
  const Doctor = useLater((rest) => rest.DoctorFindings);
  if (!administers) return <Command text="kiln doctor" />;
  return Doctor ? <Doctor /> : null;
}

function Step({ done, title, children }: { done: boolean; title: string; children: preact.ComponentChildren }) {
  return (
    <li class={done ? 'done' : undefined}>
      <h2><span class={`state ${done ? 'good' : 'quiet'}`}><Icon name={done ? 'tick' : 'wait'} /><span class="unseen">{done ? 'done:' : 'to do:'}</span></span> {title}</h2>
      {children}
    </li>
  );
}
