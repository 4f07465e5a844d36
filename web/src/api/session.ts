// Who is signed in, in which account, and what that one may do. The cookie itself is not visible to scripts.
import { computed, signal } from '@preact/signals';
import { ApiError, errorOf } from './errors.ts';
import type { SignedIn } from './types.ts';
import { remember, remembered } from '../parts/remember.ts';

export type SessionState = { kind: 'asking' } | { kind: 'out' } | { kind: 'in'; who: SignedIn } | { kind: 'fault'; problem: ApiError };

export const session = signal<SessionState>({ kind: 'asking' });

const chosen = signal(remembered('account') ?? '');

export const account = computed(() => {
  if (session.value.kind !== 'in') return '';
  const { accounts } = session.value.who;
  return (accounts.find((one) => one.id === chosen.value) ?? accounts[0])?.id ?? '';
});

export type Right = SignedIn['session']['permissions'][number];

export function may(right: Right): boolean {
  return session.value.kind === 'in' && session.value.who.session.permissions.includes(right);
}

export function isAdmin(): boolean {
  return session.value.kind === 'in' && session.value.who.session.is_admin;
}

export function chooseAccount(id: string): void {
  chosen.value = id;
  remember('account', id);
}

async function ask(method: 'GET' | 'POST' | 'DELETE', body?: object, path = '/kiln/v1/session'): Promise<SignedIn | null> {
  const response = await fetch(path, {
    method, credentials: 'same-origin',
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw errorOf(response.status, answer);
  return (answer as { result: SignedIn | null }).result;
}

// At the start, and after the server was away.
export async function lookUpSession(): Promise<void> {
  try {
    const who = await ask('GET');
    session.value = who ? { kind: 'in', who } : { kind: 'out' };
  } catch (problem) {
    const known = problem instanceof ApiError ? problem : new ApiError(0, 0, 'Kiln does not answer');
    session.value = known.status === 401 ? { kind: 'out' } : { kind: 'fault', problem: known };
  }
}

export async function signIn(proof: { code: string } | { token: string }): Promise<void> {
  const who = await ask('POST', proof);
  if (who) session.value = { kind: 'in', who };
}

// By what the provider of identities sent the person back with.
export async function signInByProvider(brought: { code: string; state: string; iss?: string }): Promise<void> {
  const who = await ask('POST', brought, '/kiln/v1/oidc/session');
  if (who) session.value = { kind: 'in', who };
}

export async function signOut(): Promise<void> {
  await ask('DELETE').catch(() => null);
  session.value = { kind: 'out' };
}

// The server knows the session no more.
export function ended(): void {
  session.value = { kind: 'out' };
}
