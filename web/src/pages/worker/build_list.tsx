// Builds of a Worker, the newest first, by branch, outcome and author. More come when they are asked for.
import { useEffect, useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import type { BuildSummary, OverviewWorker } from '../../api/types.ts';
import type { LiveChange } from '../../live/changes.ts';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { StateSign } from '../../parts/state_sign.tsx';
import { Branch, Commit, Subject, Who } from '../../parts/what.tsx';
import { Lasting, When } from '../../parts/when.tsx';
import { buildPath, workerPath } from '../../paths.ts';
import { OUTCOMES, stateOf } from '../../words/state.ts';

type Outcome = (typeof OUTCOMES)[number] | 'running' | 'queued';
const CHOICES: readonly Outcome[] = ['running', 'queued', ...OUTCOMES];

interface Props {
  worker: OverviewWorker;
  touches: (change: LiveChange) => boolean;
}

export function BuildList({ worker, touches }: Props) {
  const [branch, setBranch] = useState('');
  const [author, setAuthor] = useState('');
  const [outcome, setOutcome] = useState<Outcome | ''>('');
  const [more, setMore] = useState<{ builds: readonly BuildSummary[]; cursor: string | null } | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const query = { script_tag: worker.script_tag, limit: 25, ...(branch ? { branch } : {}), ...(author ? { author } : {}), ...(outcome ? { outcome } : {}) };
  const ask = (cursor?: string) => result(api.GET('/client/v4/accounts/{account_id}/builds/builds/list', { params: { path: here(), query: { ...query, ...(cursor ? { cursor } : {}) } } }));
  const name = `builds ${JSON.stringify(query)}`;
  const first = useLoad(name, () => ask(), touches);
  useEffect(() => setMore(null), [name]);
  const cursor = more ? more.cursor : first.data?.cursor ?? null;
  const seen = new Set<string>();
  const builds = [...(first.data?.builds ?? []), ...(more?.builds ?? [])].filter((build) => !seen.has(build.build_uuid) && seen.add(build.build_uuid));
  const older = async (): Promise<void> => {
    try {
      const page = await ask(cursor ?? undefined);
      setMore({ builds: [...(more?.builds ?? []), ...page.builds], cursor: page.cursor });
      setProblem(null);
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const isFiltered = Boolean(branch || author || outcome);
  return (
    <section aria-labelledby="builds">
      <div class="section-head">
        <h2 id="builds">Builds</h2>
        <div class="filters">
          <input type="search" placeholder="Branch" aria-label="Only of this branch" value={branch} onChange={(event) => setBranch(event.currentTarget.value.trim())} spellcheck={false} />
          <input type="search" placeholder="Author" aria-label="Only of this author" value={author} onChange={(event) => setAuthor(event.currentTarget.value.trim())} />
          <select aria-label="Only with this outcome" value={outcome} onChange={(event) => setOutcome(CHOICES.find((one) => one === event.currentTarget.value) ?? '')}>
            <option value="">Any outcome</option>
            {CHOICES.map((one) => <option key={one} value={one}>{stateOf('stopped', one).word}</option>)}
          </select>
        </div>
      </div>
      {(first.problem ?? problem) && <Problem problem={(first.problem ?? problem)!} retry={first.reload} />}
      {!first.data && !first.problem && <Waiting lines={6} />}
      {first.data && builds.length === 0 && (isFiltered
        ? <Empty>No build fits.</Empty>
        : <Empty>No build yet. Push to the repository; if nothing comes, <a href={workerPath(worker.worker_name, 'pushes')}>why was my push not built?</a></Empty>)}
      {builds.length > 0 && <Builds builds={builds} />}
      {cursor && <p class="pager"><button type="button" onClick={() => void older()}>Older builds</button></p>}
    </section>
  );
}

function Builds({ builds }: { builds: readonly BuildSummary[] }) {
  return (
    <table class="list builds">
      <thead><tr><th scope="col">State</th><th scope="col">Commit</th><th scope="col">By</th><th scope="col" class="end">Took</th><th scope="col" class="end">When</th></tr></thead>
      <tbody>{builds.map((build) => (
        <tr key={build.build_uuid} title={build.sentence}>
          <td><StateSign status={build.status} outcome={build.build_outcome} /></td>
          <td class="latest"><div class="one-line">
            <a href={buildPath(build.build_uuid)} class="through"><Subject message={build.commit_message} /></a>
            <span class="beside"><Branch name={build.branch} /> <Commit hash={build.commit_hash} />{build.failed_step && <span class="dim">at {build.failed_step}</span>}{build.restricted && <span class="dim">from a fork</span>}</span>
          </div></td>
          <td><Who name={build.author} /></td>
          <td class="end"><Lasting from={build.started_on} to={build.stopped_on} /></td>
          <td class="end"><When at={build.created_on} /></td>
        </tr>
      ))}</tbody>
    </table>
  );
}
