// Asks before something that cannot be taken back, naming what will happen, and says when it was refused.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/errors.ts';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

interface Props {
  title: string;
  action: string; // the button's word
  danger?: boolean;
  run: () => Promise<void>;
  close: () => void;
  children: ComponentChildren;
}

export function Confirm({ title, action, danger = false, run, close, children }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const go = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await run();
      close();
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <div class="said">{children}</div>
      {problem && <Problem problem={problem} />}
      <div class="buttons">
        <button type="button" class={danger ? 'danger' : 'main'} disabled={busy} onClick={() => void go()}>{action}</button>
        <button type="button" onClick={close}>Back</button>
      </div>
    </Dialog>
  );
}
