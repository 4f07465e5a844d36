// Connects a repository to a Worker, as `kiln connect` does, and says what is left to do then.
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { isAdmin, may } from '../../api/session.ts';
import type { ConnectedRepository } from '../../api/types.ts';
import { Heading } from '../../parts/heading.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { ConnectedView } from './connected.tsx';
import { FORKS, POLLS, PROVIDERS, type WishDraft, newWish, placeOf, wishOf } from './wish.ts';

export function ConnectPage() {
  const { query } = useLocation();
  const [made, setMade] = useState<{ url: string; answer: ConnectedRepository } | null>(null);
  const above = <a href="/">Workers</a>;
  if (made) return <ConnectedView url={made.url} made={made.answer} above={above} />;
  return (
    <>
      <Heading title="Connect a repository" above={above} />
      <p class="lead">A push to it then builds and deploys its Worker. Asking again for one that is connected changes what is filled in, and leaves the rest as it is.</p>
      {may('ci:write')
        ? <WishForm worker={query['worker'] ?? ''} done={(url, answer) => setMade({ url, answer })} />
        : <Empty>Your session may not connect repositories: that needs the right ci:write.</Empty>}
    </>
  );
}

const HINTS = {
  web: 'Kiln clones it over the network. For one that is private fill in an access token, which builds never see.',
  ssh: 'Kiln clones it over SSH, by a key of its own that you add at the host.',
  path: 'A bare repository on the server’s machine.',
  none: 'https://…, git@host:path, or the path of a bare repository on the server’s machine.',
} as const;

function WishForm({ worker, done }: { worker: string; done: (url: string, answer: ConnectedRepository) => void }) {
  const [draft, setDraft] = useState<WishDraft>(() => newWish(worker));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const administers = isAdmin();
  const place = placeOf(draft.url);
  const go = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      done(draft.url.trim(), await result(api.POST('/kiln/v1/accounts/{account_id}/connect', { params: { path: here() }, body: wishOf(draft) })));
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  const put = (change: Partial<WishDraft>): void => setDraft({ ...draft, ...change });
  type Texts = 'worker' | 'branch' | 'build' | 'deploy' | 'previewDeploy' | 'root';
  const text = (field: Texts, label: string, hint: string) => (
    <label>{label}<input type="text" value={draft[field]} placeholder={hint} onInput={(event) => put({ [field]: event.currentTarget.value })} spellcheck={false} /></label>
  );
  const choice = (field: 'provider' | 'poll' | 'forks', label: string, choices: ReadonlyArray<readonly [string, string]>) => (
    <label>{label}<select value={draft[field]} onChange={(event) => put({ [field]: event.currentTarget.value })}>{choices.map(([word, says]) => <option key={word} value={word}>{says}</option>)}</select></label>
  );
  const check = (field: 'deployKey' | 'buildFirst' | 'previews' | 'second', label: string) => (
    <label class="check"><input type="checkbox" checked={draft[field]} onChange={(event) => put({ [field]: event.currentTarget.checked })} /> {label}</label>
  );
  return (
    <form class="panel connect" onSubmit={(event) => { event.preventDefault(); void go(); }}>
      <label>Repository
        <input type="text" required maxLength={2048} value={draft.url} placeholder="https://github.com/acme/shop" aria-describedby="place-hint" onInput={(event) => put({ url: event.currentTarget.value })} spellcheck={false} autoCapitalize="off" />
      </label>
      <p class="dim" id="place-hint">{HINTS[place ?? 'none']}{place !== 'web' && place !== null && !administers && ' Only an administrator connects such a one.'}</p>
      <div class="form-grid">
        {text('worker', 'Worker', 'as its wrangler configuration says')}
        {choice('provider', 'Kind of host', PROVIDERS)}
        {place === 'web' && <label>Access token of the host, which is not shown again<input type="password" autocomplete="off" value={draft.token} placeholder="for one that is private" onInput={(event) => put({ token: event.currentTarget.value })} /></label>}
        {place === 'ssh' && <label>Fingerprint of the host’s key<input type="text" value={draft.knownHost} placeholder="SHA256:…; else the key that it shows first" onInput={(event) => put({ knownHost: event.currentTarget.value })} spellcheck={false} /></label>}
        {choice('poll', 'How Kiln hears of pushes', POLLS)}
      </div>
      {place === 'ssh' && check('deployKey', 'Make a deploy key for it')}
      {draft.poll !== '0' && check('buildFirst', 'Build the production branch at once')}
      <details>
        <summary>Branches and commands</summary>
        <div class="form-grid">
          {text('branch', 'Production branch', 'the repository’s own')}
          {text('root', 'Folder', '/')}
          {text('build', 'Build command', 'none')}
          {text('deploy', 'Deploy command', 'npx wrangler deploy')}
          {text('previewDeploy', 'Deploy command of other branches', 'npx wrangler versions upload')}
          {choice('forks', 'Pull requests from forks', FORKS)}
        </div>
        {check('previews', 'Build the other branches too, each with a preview')}
        {check('second', 'Let it deploy a Worker that another repository deploys already')}
      </details>
      {problem && <Problem problem={problem} />}
      <div class="buttons"><button type="submit" class="main" disabled={busy}>{busy ? 'Connecting…' : 'Connect'}</button></div>
    </form>
  );
}
