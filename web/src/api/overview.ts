// Every Worker at a glance: what many pages begin with, loaded in one way.
import { knows } from '../live/changes.ts';
import { api, here, result } from './client.ts';
import type { Overview } from './types.ts';

export async function loadOverview(): Promise<Overview> {
  const overview = await result(api.GET('/client/v4/accounts/{account_id}/builds/overview', { params: { path: here() } }));
  knows(overview.event_id);
  return overview;
}
