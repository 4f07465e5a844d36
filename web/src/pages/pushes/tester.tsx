// What would a push lead to? A branch, changed files and a message in; each trigger's verdict out. Nothing is stored.
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { api, here, result } from '../../api/client.ts';
import type { OverviewWorker, Verdict } from '../../api/types.ts';
import { Empty, Problem } from '../../parts/problem.tsx';
import { Verdicts } from './verdicts.tsx';

interface Props {
  tag: string | undefined;
  workers: readonly OverviewWorker[];
}

export function Tester({ tag, workers }: Props) {
  const connected = workers.filter((worker) => worker.connected);
  const [worker, setWorker] = useState('');
  const [branch, setBranch] = useState('main');
  const [paths, setPaths] = useState('');
  const [message, setMessage] = useState('');
  const [verdicts, setVerdicts] = useState<readonly Verdict[] | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const asked = tag ?? (worker || connected[0]?.script_tag);
  const test = async (): Promise<void> => {
    if (!asked) return;
    const named = paths.split(/[\n,]+/).map((path) => path.trim()).filter(Boolean);
    setProblem(null);
    try {
      const answer = await result(api.POST('/client/v4/accounts/{account_id}/builds/deliveries/match', {
        params: { path: here() }, body: { script_tag: asked, branch, ...(named.length ? { paths: named } : {}), ...(message ? { message } : {}) },
      }));
      setVerdicts(answer.verdicts);
    } catch (refused) {
      setVerdicts(null);
      setProblem(asApiError(refused));
    }
  };
  return (
    <details class="panel tester">
      <summary>Test a push: what would it lead to?</summary>
      <form onSubmit={(event) => { event.preventDefault(); void test(); }}>
        {!tag && (
          <label>Worker
            <select value={asked} onChange={(event) => setWorker(event.currentTarget.value)}>
              {connected.map((one) => <option key={one.script_tag} value={one.script_tag}>{one.worker_name}</option>)}
            </select>
          </label>
        )}
        <label>Branch<input type="text" required value={branch} onInput={(event) => setBranch(event.currentTarget.value)} spellcheck={false} /></label>
        <label class="grow">Changed files, one a line
          <textarea rows={2} value={paths} onInput={(event) => setPaths(event.currentTarget.value)} placeholder="not known: every path pattern lets it pass" spellcheck={false} />
        </label>
        <label>Commit message<input type="text" value={message} onInput={(event) => setMessage(event.currentTarget.value)} /></label>
        <button type="submit" class="main" disabled={!asked}>Test</button>
      </form>
      <div aria-live="polite">
        {problem && <Problem problem={problem} />}
        {verdicts && (verdicts.length ? <Verdicts verdicts={verdicts} ahead /> : <Empty>No trigger is asked about it: the Worker has none.</Empty>)}
      </div>
    </details>
  );
}
