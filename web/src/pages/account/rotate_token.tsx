// Another secret for a token that stays what it is. Whoever has the one before may be given time to change.
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { type ApiToken, rotateToken } from '../../api/tokens.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { plain } from '../../words/plain.ts';

const KEPT = [[0, 'not at all'], [3600, 'for an hour'], [86_400, 'for a day'], [604_800, 'for a week']] as const;

export function RotateToken({ token, close, done }: { token: ApiToken; close: () => void; done: (fresh: string) => void }) {
  const [seconds, setSeconds] = useState(3600);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const go = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      done((await rotateToken(token.id, seconds)).token);
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Rotate the token" close={close}>
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <p>“{plain(token.name)}” gets another secret; its rights and its end stay.</p>
        <label>The one before is good<select value={String(seconds)} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>{KEPT.map(([count, words]) => <option key={count} value={String(count)}>{words}</option>)}</select></label>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main" disabled={busy}>Rotate</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
