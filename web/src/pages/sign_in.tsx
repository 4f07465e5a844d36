// Signed out: by a provider of identities, by the one-time link of `kiln dashboard`, or by an API token. The code in the address reaches no server's log: the page
// posts it and takes it out of the address at once.
import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/errors.ts';
import { goToProvider, providerName, refusal } from '../api/provider.ts';
import { ended, signIn } from '../api/session.ts';
import { Command } from '../parts/copy.tsx';
import { Problem } from '../parts/problem.tsx';
import { useTitle } from '../parts/title.ts';
import { plain } from '../words/plain.ts';

// The code that the address brought, until it is used.
const brought = signal('');

// Whether there is one. Whoever is signed in is asked first: somebody else may have sent the link.
export const bringsCode = (): boolean => brought.value !== '';

export function takeCode(): void {
  if (location.pathname !== '/login' || location.hash.length < 2) return;
  const code = location.hash.slice(1);
  history.replaceState(null, '', '/login');
  brought.value = code;
}

export function OtherSignIn({ name }: { name: string }) {
  const { route } = useLocation();
  useTitle('Sign in');
  const stay = (): void => {
    brought.value = '';
    route('/', true);
  };
  return (
    <main id="main" class="sign-in">
      <h1>Sign in as somebody else?</h1>
      <p>You opened a link for signing in, and are signed in already, as {name}. Go on only if the link is your own: whoever made it may be able to
        see what you do with it.</p>
      <div class="buttons">
        <button type="button" onClick={ended}>Sign in by the link</button>
        <button type="button" class="main" onClick={stay}>Stay signed in</button>
      </div>
    </main>
  );
}

export function SignIn() {
  const { route } = useLocation();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useTitle('Sign in');
  const go = async (proof: { code: string } | { token: string }): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await signIn(proof);
      if (location.pathname === '/login') route('/', true);
    } catch (refused) {
      setProblem(asApiError(refused));
      setBusy(false);
    }
  };
  const code = brought.value;
  useEffect(() => {
    if (!code) return;
    brought.value = '';
    void go({ code });
  }, [code]);
  return (
    <main id="main" class="sign-in">
      <svg class="big-mark" viewBox="0 0 32 32" width="40" height="40" aria-hidden="true"><path d="M5 30V15a11 11 0 0 1 22 0v15h-7v-8a4 4 0 0 0-8 0v8z" /></svg>
      <h1>Sign in to Kiln</h1>
      {busy && !problem && <p role="status">Signing in…</p>}
      {problem && <Problem problem={problem} />}
      <ByProvider />
      <section aria-labelledby="by-link">
        <h2 id="by-link">By a link</h2>
        <p>On the server’s machine, this prints a link that is good once, for five minutes:</p>
        <Command text="kiln dashboard" />
      </section>
      <section aria-labelledby="by-token">
        <h2 id="by-token">By a token</h2>
        <form onSubmit={(event) => { event.preventDefault(); if (token) void go({ token: token.trim() }); }}>
          <label>API token
            <input type="password" name="token" value={token} autocomplete="off" spellcheck={false} onInput={(event) => setToken(event.currentTarget.value)} />
          </label>
          <button type="submit" class="main" disabled={busy || !token}>Sign in</button>
        </form>
        <p class="dim">The session has the token’s rights and ends with it. The token itself is not kept in this browser.</p>
      </section>
    </main>
  );
}

function ByProvider() {
  const [name, setName] = useState<string | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => { providerName().then(setName, () => undefined); }, []);
  const shown = problem ?? refusal.value;
  const go = (): void => {
    refusal.value = null;
    setProblem(null);
    goToProvider().catch((refused: unknown) => setProblem(asApiError(refused)));
  };
  return (
    <>
      {shown && <Problem problem={shown} />}
      {name !== null && (
        <section aria-labelledby="by-provider">
          <h2 id="by-provider">By {plain(name)}</h2>
          <button type="button" class="main" onClick={go}>Sign in with {plain(name)}</button>
        </section>
      )}
    </>
  );
}
