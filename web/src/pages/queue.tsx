// What runs, what waits and why, and who runs builds.
import { api, here, result } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import type { BuildSummary, Queue, Runner } from '../api/types.ts';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Empty, Problem, Waiting } from '../parts/problem.tsx';
import { StateSign } from '../parts/state_sign.tsx';
import { Branch, Commit, Subject } from '../parts/what.tsx';
import { Lasting, When } from '../parts/when.tsx';
import { buildPath, workerPath } from '../paths.ts';
import { plural, sentence } from '../words/plain.ts';
import { Minutes } from './home/queue_strip.tsx';

export function QueuePage() {
  const queue = useLoad('queue', () => result(api.GET('/client/v4/accounts/{account_id}/builds/queue', { params: { path: here() } })), (change) => change.kind !== 'deployment');
  const runners = useLoad('runners', () => result(api.GET('/client/v4/accounts/{account_id}/builds/runners', { params: { path: here() } })), (change) => change.kind !== 'deployment');
  const limits = useLoad('limits', () => result(api.GET('/client/v4/accounts/{account_id}/builds/account/limits', { params: { path: here() } })));
  const problem = queue.problem ?? runners.problem;
  return (
    <>
      <Heading title="Queue and runners" tab={queue.data?.running.length ? 'running' : 'idle'} />
      {problem && <Problem problem={problem} retry={() => { queue.reload(); runners.reload(); }} />}
      {limits.data && <div class="strip"><Minutes limits={limits.data} /></div>}
      {queue.data ? <Lists queue={queue.data} /> : !problem && <Waiting lines={6} />}
      <section aria-labelledby="runners">
        <h2 id="runners">Runners</h2>
        {runners.data && (runners.data.length ? <Runners runners={runners.data} /> : <Empty>No runner has called since the server started. <code>kiln doctor</code> says what is missing.</Empty>)}
      </section>
    </>
  );
}

function Lists({ queue }: { queue: Queue }) {
  return (
    <>
      {queue.no_builds && <p class="banner quiet" role="note"><Icon name="break" /> <span>{sentence(queue.no_builds)}</span></p>}
      <section aria-labelledby="running">
        <h2 id="running">Running <span class="count">{queue.running.length} of {queue.slots}</span></h2>
        {queue.running.length ? (
          <table class="list builds"><thead><tr><th scope="col">Worker</th><th scope="col">Build</th><th scope="col" class="end">For</th></tr></thead>
            <tbody>{queue.running.map((build) => (
              <tr key={build.build_uuid}><Cells build={build} /><td class="end"><Lasting from={build.started_on} to={build.stopped_on} /></td></tr>
            ))}</tbody>
          </table>
        ) : <Empty>Nothing runs.</Empty>}
      </section>
      <section aria-labelledby="waiting">
        <h2 id="waiting">Waiting <span class="count">{queue.waiting.length}</span></h2>
        {queue.waiting.length ? (
          <table class="list builds queue"><thead><tr><th scope="col" class="narrow">No.</th><th scope="col">Worker</th><th scope="col">Build</th><th scope="col">Why it waits</th><th scope="col" class="end">Starts</th></tr></thead>
            <tbody>{queue.waiting.map(({ build, waiting }) => (
              <tr key={build.build_uuid}>
                <td class="narrow number">{waiting.position}</td><Cells build={build} />
                <td>{sentence(waiting.sentence)}{waiting.build_uuid && <> <a href={buildPath(waiting.build_uuid)}>That build</a></>}</td>
                <td class="end">{waiting.expected_start_on ? <When at={waiting.expected_start_on} /> : <span class="dim">not known</span>}</td>
              </tr>
            ))}</tbody>
          </table>
        ) : <Empty>Nothing waits.</Empty>}
      </section>
    </>
  );
}

function Cells({ build }: { build: BuildSummary }) {
  return (
    <>
      <th scope="row"><a href={workerPath(build.worker_name)}>{build.worker_name}</a></th>
      <td class="latest"><div class="one-line">
        <StateSign status={build.status} outcome={build.build_outcome} />
        <a href={buildPath(build.build_uuid)} class="through"><Subject message={build.commit_message} /></a>
        <span class="beside"><Branch name={build.branch} /> <Commit hash={build.commit_hash} /></span>
      </div></td>
    </>
  );
}

const RUNNER_STATES = {
  taking: { tone: 'good', sign: 'tick', word: 'takes builds' },
  paused: { tone: 'warn', sign: 'stop', word: 'paused' },
  silent: { tone: 'bad', sign: 'cross', word: 'silent' },
} as const;

function Runners({ runners }: { runners: readonly Runner[] }) {
  return (
    <table class="list"><thead><tr><th scope="col">Runner</th><th scope="col">State</th><th scope="col">Builds it holds</th></tr></thead>
      <tbody>{runners.map((runner) => {
        const state = RUNNER_STATES[runner.state];
        return (
          <tr key={runner.runner_id}>
            <th scope="row">{runner.runner_id}</th>
            <td><span class={`state ${state.tone}`}><Icon name={state.sign} /><span>{state.word}{runner.why ? `: ${runner.why}` : ''}</span></span></td>
            <td>{runner.builds.length ? runner.builds.map((build) => <a key={build.build_uuid} class="item" href={buildPath(build.build_uuid)}>{build.worker_name}</a>) : <span class="dim">{plural(0, 'build')}</span>}</td>
          </tr>
        );
      })}</tbody>
    </table>
  );
}
