// One trigger: which pushes, which commands, with what. Shows what the next build will do, and what is different before it is saved.
import { useState } from 'preact/hooks';
import { api, done, here, result, whole } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { setPaused } from '../../api/triggers.ts';
import type { Trigger } from '../../api/types.ts';
import { notice } from '../../parts/notices.tsx';
import { Problem } from '../../parts/problem.tsx';
import { plain } from '../../words/plain.ts';
import { type Draft, LABELS, changeOf, draftOf, editsOf, newTrigger, nextBuild } from './draft.ts';
import { BuildVariables } from './variables.tsx';

interface Props {
  trigger: Trigger;
  isOpen: boolean;
  changed: () => void;
}

export function TriggerForm({ trigger, isOpen, changed }: Props) {
  const before = draftOf(trigger);
  const [draft, setDraft] = useState<Draft>(before);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const path = { ...here(), trigger_uuid: trigger.trigger_uuid };
  const variables = useLoad(`variables ${trigger.trigger_uuid}`, () => result(api.GET('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}/environment_variables', { params: { path } })));
  const tokens = useLoad('build tokens', async () => (await whole(api.GET('/client/v4/accounts/{account_id}/builds/tokens', { params: { path: here() } }))).result);
  const edits = editsOf(before, draft);
  const all = Object.values(variables.data ?? {});
  const secret = all.filter((one) => one.is_secret).length;
  const isReader = !may('ci:write');
  const save = async (): Promise<void> => {
    setProblem(null);
    try {
      const saved = await result(api.PATCH('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}', { params: { path }, body: changeOf(before, draft) }));
      setDraft(draftOf(saved)); // as the server took it
      notice('good', 'Saved');
      changed();
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const addAnother = async (): Promise<void> => {
    setProblem(null);
    try {
      await result(api.POST('/client/v4/accounts/{account_id}/builds/triggers', {
        params: { path: here() }, body: newTrigger(trigger, { ...draft, trigger_name: `${draft.trigger_name} (copy)` }),
      }));
      notice('good', 'Added: give it a name and branches of its own');
      changed();
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const pauseOrResume = async (): Promise<void> => {
    setProblem(null);
    try {
      const { paused } = await setPaused(trigger.trigger_uuid, !trigger.paused);
      notice('good', paused ? 'Paused: pushes are noted and not built' : 'Pushes are built again, from the next one on');
      changed();
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const purge = async (): Promise<void> => {
    try {
      await done(api.POST('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}/purge_build_cache', { params: { path } }));
      notice('good', 'The build cache is empty');
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
  };
  const text = (field: 'trigger_name' | 'build_command' | 'deploy_command' | 'root_directory', hint = '') => (
    <label>{LABELS[field]}<input type="text" value={draft[field]} placeholder={hint} disabled={isReader} onInput={(event) => setDraft({ ...draft, [field]: event.currentTarget.value })} spellcheck={false} /></label>
  );
  const list = (field: 'branch_includes' | 'branch_excludes' | 'path_includes' | 'path_excludes', hint = '') => (
    <label>{LABELS[field]}, one a line<textarea rows={Math.min(6, Math.max(2, draft[field].split('\n').length))} value={draft[field]} placeholder={hint} disabled={isReader} onInput={(event) => setDraft({ ...draft, [field]: event.currentTarget.value })} spellcheck={false} /></label>
  );
  return (
    <details class="panel" open={isOpen}>
      <summary><strong>{plain(trigger.trigger_name)}</strong> <bdi class="dim">{plain(trigger.repo_connection.repo_name)}, {trigger.repo_connection.provider_type}</bdi>{trigger.paused && <> <span class="badge">paused</span></>}</summary>
      <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <div class="form-grid">
          {text('trigger_name')}{text('root_directory', '/')}
          {text('build_command', 'none')}{text('deploy_command')}
          {list('branch_includes')}{list('branch_excludes')}
          {list('path_includes', '*')}{list('path_excludes')}
          <label>{LABELS.fork_pull_requests}
            <select value={draft.fork_pull_requests} disabled={isReader} onChange={(event) => setDraft({ ...draft, fork_pull_requests: (['never', 'approve', 'without_secrets', 'with_secrets'] as const).find((one) => one === event.currentTarget.value) ?? 'never' })}>
              <option value="never">not built</option><option value="approve">built without secrets, each once it was approved</option><option value="without_secrets">built without secrets</option><option value="with_secrets">built with secrets</option>
            </select>
          </label>
          <label>{LABELS.build_token_uuid}
            <select value={draft.build_token_uuid} disabled={isReader} onChange={(event) => setDraft({ ...draft, build_token_uuid: event.currentTarget.value })}>
              <option value="">one of its own for each build</option>
              {tokens.data?.map((token) => <option key={token.build_token_uuid} value={token.build_token_uuid}>{plain(token.build_token_name)}</option>)}
            </select>
          </label>
        </div>
        <label class="check"><input type="checkbox" checked={draft.build_caching_enabled} disabled={isReader} onChange={(event) => setDraft({ ...draft, build_caching_enabled: event.currentTarget.checked })} /> Keep dependencies and output between builds</label>
        <label class="check"><input type="checkbox" checked={draft.require_version} disabled={isReader} onChange={(event) => setDraft({ ...draft, require_version: event.currentTarget.checked })} /> Fail when the deploy command uploads no version</label>
        <label class="check"><input type="checkbox" checked={draft.report_path_skips} disabled={isReader} onChange={(event) => setDraft({ ...draft, report_path_skips: event.currentTarget.checked })} /> Show pushes that the paths pass over as skipped at the host</label>
        <div class="next-build" aria-live="polite">
          <h3>The next build</h3>
          <p>{nextBuild(draft, { plain: all.length - secret, secret }).map((sentence) => <bdi key={sentence}>{plain(sentence)} </bdi>)}</p>
        </div>
        {edits.length > 0 && (
          <table class="list changes" aria-label="What will be changed">
            <thead><tr><th scope="col">Change</th><th scope="col">Now</th><th scope="col">Then</th></tr></thead>
            <tbody>{edits.map((edit) => <tr key={edit.label}><th scope="row">{edit.label}</th><td><bdi class="value">{plain(edit.from)}</bdi></td><td><bdi class="value">{plain(edit.to)}</bdi></td></tr>)}</tbody>
          </table>
        )}
        {problem && <Problem problem={problem} />}
        {!isReader && (
          <div class="buttons">
            <button type="submit" class="main" disabled={!edits.length}>Save</button>
            <button type="button" disabled={!edits.length} onClick={() => setDraft(before)}>Undo</button>
            <button type="button" class="far" onClick={() => void addAnother()}>Add another like it</button>
            <button type="button" onClick={() => void pauseOrResume()}>{trigger.paused ? 'Resume' : 'Pause'}</button>
            <button type="button" onClick={() => void purge()}>Empty the build cache</button>
          </div>
        )}
      </form>
      <BuildVariables trigger={trigger.trigger_uuid} variables={variables.data} problem={variables.problem} changed={variables.reload} />
    </details>
  );
}
