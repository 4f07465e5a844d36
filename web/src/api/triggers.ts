// What pages ask of a trigger besides its form.
import { api, here, result } from './client.ts';
import type { Trigger } from './types.ts';

// Paused: what is pushed is noted and not built.
export function setPaused(uuid: string, paused: boolean): Promise<Trigger> {
  return result(api.PATCH('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}', { params: { path: { ...here(), trigger_uuid: uuid } }, body: { paused } }));
}
