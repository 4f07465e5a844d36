// How many build minutes the account may use in a month. For administrators.
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';

export function Limit({ minutes, close, done }: { minutes: number | null; close: () => void; done: () => void }) {
  const [text, setText] = useState(minutes === null ? '' : String(minutes));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const go = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await result(api.PUT('/kiln/v1/accounts/{account_id}/limits', { params: { path: here() }, body: { build_minutes_limit: text.trim() === '' ? null : Number(text) } }));
      done();
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Limit the build minutes" close={close}>
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Minutes a month<input type="text" inputMode="numeric" pattern="[0-9]*" value={text} aria-describedby="limit-hint" onInput={(event) => setText(event.currentTarget.value)} /></label>
        <p class="dim" id="limit-hint">Empty: as many as are wanted. What is pushed beyond them is skipped, and built later only by a retry; builds that run go on.</p>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main" disabled={busy}>Save</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
