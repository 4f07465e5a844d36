// API tokens of the account, which administrators make, list and revoke.
import { asEnvelope } from './client.ts';
import { account } from './session.ts';

export interface ApiToken {
  id: string;
  name: string;
  permissions: string; // "ci:read,scripts:read"
  created_on: string;
  expires_on: string | null;
  last_used_on: string | null;
  revoked_on: string | null;
  old_secret_until: string | null; // until when the one before is good too
}

export const RIGHTS = ['ci:read', 'ci:write', 'scripts:read', 'scripts:write', 'admin'] as const;

const place = (id = ''): string => `/kiln/v1/accounts/${account.value}/tokens${id && `/${id}`}`;

export const listTokens = (): Promise<ApiToken[]> => asEnvelope('GET', place());
export const makeToken = (wish: { name: string; permissions: string; expires_on?: string }): Promise<{ id: string; token: string }> => asEnvelope('POST', place(), wish);
export const rotateToken = (id: string, keep_old_seconds: number): Promise<{ token: string }> => asEnvelope('POST', place(`${id}/rotate`), { keep_old_seconds });
export const revokeToken = (id: string): Promise<null> => asEnvelope('DELETE', place(id));
