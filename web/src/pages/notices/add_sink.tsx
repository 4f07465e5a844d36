import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import type { NewSink, Sink } from '../../api/types.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useWorkers } from '../use_workers.ts';
import { FIELDS, KINDS } from './words.ts';

const KIND_NAMES = Object.keys(KINDS) as ReadonlyArray<Sink['kind']>;
const OUTCOMES = [['changes', 'a branch’s first failure, and its recovery'], ['failures', 'every failure'], ['all', 'every ending']] as const;
const LABELS = { token: 'Token, which is not shown again', room: 'Room, such as !id:server', user: 'User at the mail server', from: 'From', to: 'To, one a line' } as const;
const HINTS: Partial<Record<Sink['kind'], string>> = { ntfy: 'https://ntfy.sh/TOPIC', matrix: 'https://matrix.example', email: 'smtps://mail.example' };

export function AddSink({ close, made }: { close: () => void; made: (sink: NewSink) => void }) {
  const workers = useWorkers();
  const [kind, setKind] = useState<Sink['kind']>('slack');
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [more, setMore] = useState<Record<string, string>>({});
  const [outcomes, setOutcomes] = useState<Sink['outcomes']>('changes');
  const [production, setProduction] = useState(false);
  const [worker, setWorker] = useState('');
  const [problem, setProblem] = useState<ApiError | null>(null);
  const go = async (): Promise<void> => {
    setProblem(null);
    const given = Object.fromEntries(FIELDS[kind].filter((field) => more[field]).map((field) => [field, field === 'to' ? (more[field] ?? '').split('\n').map((one) => one.trim()).filter(Boolean) : more[field]]));
    try {
      made(await result(api.POST('/client/v4/accounts/{account_id}/builds/sinks', {
        params: { path: here() }, body: { kind, name, url, outcomes, production_only: production, ...(worker ? { worker_name: worker } : {}), ...given },
      })));
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  return (
    <Dialog title="Tell somebody" close={close}>
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Kind<select value={kind} onChange={(event) => setKind(KIND_NAMES.find((one) => one === event.currentTarget.value) ?? 'webhook')}>{KIND_NAMES.map((one) => <option key={one} value={one}>{KINDS[one]}</option>)}</select></label>
        <label>Name<input type="text" required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label>Address<input type="text" required value={url} placeholder={HINTS[kind] ?? 'https://'} onInput={(event) => setUrl(event.currentTarget.value.trim())} autocomplete="off" spellcheck={false} /></label>
        {FIELDS[kind].map((field) => (
          <label key={field}>{LABELS[field]}
            {field === 'to'
              ? <textarea rows={2} required value={more[field] ?? ''} onInput={(event) => setMore({ ...more, [field]: event.currentTarget.value })} spellcheck={false} />
              : field === 'token'
                ? <input type="password" value={more[field] ?? ''} onInput={(event) => setMore({ ...more, [field]: event.currentTarget.value })} autocomplete="off" />
                : <input type="text" required={field !== 'user'} value={more[field] ?? ''} onInput={(event) => setMore({ ...more, [field]: event.currentTarget.value })} autocomplete="off" spellcheck={false} />}
          </label>
        ))}
        <label>Told of<select value={outcomes} onChange={(event) => setOutcomes(OUTCOMES.find(([one]) => one === event.currentTarget.value)?.[0] ?? 'all')}>{OUTCOMES.map(([one, words]) => <option key={one} value={one}>{words}</option>)}</select></label>
        <label>Of the Worker<select value={worker} onChange={(event) => setWorker(event.currentTarget.value)}><option value="">every one</option>{workers.map((one) => <option key={one.script_tag} value={one.worker_name}>{one.worker_name}</option>)}</select></label>
        <label class="check"><input type="checkbox" checked={production} onChange={(event) => setProduction(event.currentTarget.checked)} /> Only of branches that deploy to production</label>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main">Add</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
