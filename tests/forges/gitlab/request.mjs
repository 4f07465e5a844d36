// The request that carries a GitLab webhook: the secret token as it is, and a signature by the signing token where the hook has one.
import { createHmac, randomUUID } from 'node:crypto';

// Standard Webhooks: HMAC-SHA256 over "id.timestamp.body", its key in base64 after "whsec_".
export function standardSignature(token, id, timestamp, body) {
  const key = Buffer.from(token.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

// `about.seconds_old` sets the timestamp back; `about.secret` is sent instead of the hook's token or signed with.
export function request(forge, hook, made, about) {
  const body = about.body ?? JSON.stringify(made.payload);
  const guid = about.guid ?? randomUUID();
  const headers = { 'content-type': 'application/json', 'user-agent': 'GitLab/18.5.0', 'x-gitlab-event': made.event, 'x-gitlab-webhook-uuid': hook.uuid, 'x-gitlab-instance': forge.link('').replace(/\/$/, ''),
    'x-gitlab-event-uuid': about.event_uuid ?? randomUUID(), 'idempotency-key': guid };
  if (forge.settings.before_17_4) delete headers['idempotency-key'];
  const token = about.secret ?? hook.token;
  if (token && !hook.signing_token) headers['x-gitlab-token'] = token;
  if (hook.signing_token) {
    if (hook.token) headers['x-gitlab-token'] = about.secret ?? hook.token;
    const timestamp = String(forge.clock.seconds() - (about.seconds_old ?? 0));
    Object.assign(headers, { 'webhook-id': guid, 'webhook-timestamp': timestamp, 'webhook-signature': about.signature ?? standardSignature(about.secret ?? hook.signing_token, guid, timestamp, body) });
  }
  if (about.signature === null) for (const name of ['x-gitlab-token', 'webhook-signature']) delete headers[name];
  return { headers, body, guid };
}
