// The request that carries a Bitbucket Cloud webhook.
import { createHmac, randomUUID } from 'node:crypto';

export function request(forge, hook, made, about) {
  const body = about.body ?? JSON.stringify(made.payload);
  const guid = about.guid ?? randomUUID();
  const secret = about.secret ?? hook.secret;
  const headers = { 'content-type': 'application/json', 'user-agent': 'Bitbucket-Webhooks/2.0', 'x-event-key': made.event, 'x-hook-uuid': hook.uuid.slice(1, -1), 'x-request-uuid': guid, 'x-attempt-number': String(about.attempt ?? 1), 'x-event-time': forge.clock.iso() };
  const signature = about.signature !== undefined ? about.signature : secret ? `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` : null;
  if (signature) headers['x-hub-signature'] = signature;
  return { headers, body, guid };
}
