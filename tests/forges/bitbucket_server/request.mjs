// The request that carries a Bitbucket Data Center webhook.
import { createHmac, randomUUID } from 'node:crypto';

export function request(forge, hook, made, about) {
  const body = about.body ?? JSON.stringify(made.payload);
  const guid = about.guid ?? randomUUID();
  const secret = about.secret ?? hook.secret;
  const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Atlassian HttpClient 5.0.0 / Bitbucket-9.4.0 (9004000) / Default', 'x-request-id': guid, 'x-event-key': made.event };
  const signature = about.signature !== undefined ? about.signature : secret ? `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` : null;
  if (signature) headers['x-hub-signature'] = signature;
  return { headers, body, guid };
}
