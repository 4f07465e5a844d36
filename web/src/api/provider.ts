// Signing in by a provider of identities: the page sends the person there, and ends it with what came back in the address.
import { signal } from '@preact/signals';
import { notice } from '../parts/notices.tsx';
import { api, result } from './client.ts';
import { ApiError, asApiError } from './errors.ts';
import { lookUpSession, session, signInByProvider } from './session.ts';

const BACK_TO = 'kiln back to';

// Why the provider's answer was not taken, until somebody tries again.
export const refusal = signal<ApiError | null>(null);

// What it is called, or null where there is none.
export async function providerName(): Promise<string | null> {
  const { data } = await api.GET('/kiln/v1/oidc');
  return data?.result.name ?? null;
}

export async function goToProvider(): Promise<void> {
  const { authorization_url } = await result(api.POST('/kiln/v1/oidc'));
  sessionStorage.setItem(BACK_TO, location.pathname === '/login' ? '/' : location.pathname + location.hash);
  location.assign(authorization_url);
}

// Whether the address is the provider's answer; it is taken out of the address, and the sign-in ended by it.
export function takeAnswer(): boolean {
  const asked = new URLSearchParams(location.search);
  if (location.pathname !== '/login' || !asked.has('state')) return false;
  history.replaceState(null, '', '/login');
  void end(asked);
  return true;
}

async function end(asked: URLSearchParams): Promise<void> {
  try {
    const code = asked.get('code');
    const iss = asked.get('iss');
    if (!code) throw new ApiError(401, 0, refusedWith(asked.get('error') ?? ''));
    await signInByProvider({ code, state: asked.get('state') ?? '', ...(iss ? { iss } : {}) });
    const back = sessionStorage.getItem(BACK_TO) ?? '/';
    history.replaceState(null, '', back);
    window.dispatchEvent(new PopStateEvent('popstate')); // the router looks
  } catch (refused) {
    const problem = asApiError(refused);
    await lookUpSession();
    if (session.value.kind === 'in') notice('bad', problem.message);
    else refusal.value = problem;
  }
  sessionStorage.removeItem(BACK_TO);
}

// The words are the provider's only where they are one of the standard's (RFC 6749, 4.1.2.1): anybody can make such an address.
function refusedWith(error: string): string {
  if (error === 'access_denied') return 'You were not signed in: it was refused there';
  return /^[a-z_]{1,40}$/.test(error) ? `The sign-in provider refused: ${error}` : 'The sign-in provider refused';
}
