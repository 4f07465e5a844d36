// A build: what became of it in one sentence, where its time went, its log, what is different since the last good one, and what to do.
import { useRoute } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type Loaded, useLoad } from '../../api/load.ts';
import type { BuildDetail, BuildSummary } from '../../api/types.ts';
import { isBuild, isWorker } from '../../live/changes.ts';
import { LogPanel, useLog } from '../../log/log_panel.tsx';
import { safeHref } from '../../log/links.ts';
import { Heading } from '../../parts/heading.tsx';
import { Icon } from '../../parts/icon.tsx';
import { notice, notifyDesktop } from '../../parts/notices.tsx';
import { Problem, Waiting } from '../../parts/problem.tsx';
import type { TabState } from '../../parts/title.ts';
import { Branch, Commit, Subject, Who } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath, workerPath } from '../../paths.ts';
import { plain, sentence, shortId } from '../../words/plain.ts';
import { stateOf } from '../../words/state.ts';
import { Actions, wantsNotice } from './actions.tsx';
import { Different } from './different.tsx';
import { Facts } from './facts.tsx';
import { Waterfall } from './waterfall.tsx';

const TABS: Record<string, TabState> = { good: 'success', bad: 'failed', warn: 'failed', busy: 'running', quiet: 'idle' };
const SOURCES = { push: 'push', pull_request: 'pull request', manual: 'started by hand', api: 'started by the API' } as const;

export function BuildPage() {
  const id = useRoute().params['id'] ?? '';
  return <OneBuild key={id} id={id} />;
}

function OneBuild({ id }: { id: string }) {
  const path = { ...here(), build_uuid: id };
  const detail: Loaded<BuildDetail> = useLoad(`detail ${id}`, () => result(api.GET('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/detail', { params: { path } })),
    (change) => isBuild(change, id) || (change.kind === 'deployment' && Boolean(detail.data && isWorker(change, detail.data.summary.script_tag))) ||
      (change.kind === 'queue' && detail.data?.summary.status === 'queued'));
  const summary = detail.data?.summary;
  const log = useLog(id);
  log.model.onEnd = detail.reload;
  log.model.onStep = detail.reload;
  const compared = useLoad(`compare ${id}`, () => result(api.GET('/client/v4/accounts/{account_id}/builds/builds/{build_uuid}/compare', { params: { path, query: { to: 'last_good' } } })), (change) => isBuild(change, id));
  useEnd(summary);
  if (!detail.data || !summary || !(compared.data ?? compared.problem)) { // drawn at once, so that nothing moves later
    return <><Heading title={`Build ${shortId(id)}`} above={<a href="/">Workers</a>} />{detail.problem ? <Problem problem={detail.problem} retry={detail.reload} /> : <Waiting lines={8} />}</>;
  }
  const state = stateOf(summary.status, summary.build_outcome);
  const pull = safeHref(summary.pull_request_url);
  return (
    <>
      <Heading
        title={`${summary.worker_name} ${state.word}`} tab={TABS[state.tone] ?? 'idle'}
        above={<><a href="/">Workers</a> <a href={workerPath(summary.worker_name)}>{summary.worker_name}</a> <span>build {shortId(id)}</span></>}
        actions={<Actions detail={detail.data} compared={compared.data} reload={detail.reload} />}
      >
        <span class={`outcome state ${state.tone}`}><Icon name={state.sign} spins={state.sign === 'run'} /><span class="unseen">{state.word}: </span></span>
        <bdi>{sentence(summary.sentence)}</bdi>
      </Heading>
      <p class="by">
        <Branch name={summary.branch} /> <Commit hash={summary.commit_hash} /> <Subject message={summary.commit_message} />
        <span class="dim"><Who name={summary.author} />{summary.author && ', '}{SOURCES[summary.build_trigger_source]}, by the trigger <a href={workerPath(summary.worker_name, 'settings')}><bdi>{plain(detail.data.build.trigger.trigger_name)}</bdi></a>, <When at={summary.created_on} /></span>
        {pull && <a href={pull} target="_blank" rel="noopener noreferrer">pull request</a>}
        {summary.restricted && <span class="badge">from a fork, without secrets</span>}
        {summary.attempt > 1 && <span class="badge">attempt {summary.attempt}</span>}
      </p>
      {detail.data.waiting && (
        <p class="banner quiet" role="note"><Icon name="wait" /><span>{sentence(detail.data.waiting.sentence)}
          {detail.data.waiting.build_uuid && <> <a href={buildPath(detail.data.waiting.build_uuid)}>That build</a>.</>}
          {' '}It is number {detail.data.waiting.position} in the <a href="/queue">queue</a>{detail.data.waiting.expected_start_on && <>, and expected to start <When at={detail.data.waiting.expected_start_on} /></>}.</span></p>
      )}
      <div class="build-top">
        <Waterfall detail={detail.data} lastGood={compared.data?.other?.build_uuid ?? null} />
        <Facts detail={detail.data} />
      </div>
      {compared.data && <Different compared={compared.data} outcome={summary.build_outcome} />}
      <LogPanel log={log} start={Date.parse(summary.started_on ?? summary.created_on)} isQueued={summary.status === 'queued'} />
    </>
  );
}

// A build that ends while it is looked at says so; on the desktop when that was asked for.
function useEnd(summary: BuildSummary | undefined): void {
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (!summary) return;
    const ended = before.current !== null && before.current !== 'stopped' && summary.status === 'stopped';
    before.current = summary.status;
    if (!ended) return;
    const state = stateOf(summary.status, summary.build_outcome);
    notice(state.tone === 'good' ? 'good' : 'bad', summary.sentence);
    if (wantsNotice.value === summary.build_uuid) notifyDesktop(`${summary.worker_name} ${state.word}`, plain(summary.sentence));
  }, [summary?.status]);
}
