// The request that carries a Gitea or Forgejo webhook. It speaks in the words of Gitea, Gogs and GitHub at once, of Forgejo too where that sends it.
import { createHmac, randomUUID } from 'node:crypto';

export function request(forge, hook, made, about) {
  const json = about.body ?? JSON.stringify(made.payload, null, 2);
  const form = (about.content_type ?? hook.content_type) === 'form';
  const body = form ? new URLSearchParams({ payload: json }).toString() : json;
  const guid = about.guid ?? randomUUID();
  const secret = about.secret ?? hook.secret ?? '';
  // Over the payload, in form mode too; without a secret the header is there and empty.
  const sign = (algorithm) => (secret ? createHmac(algorithm, secret).update(json).digest('hex') : '');
  const signature = about.signature === null ? undefined : about.signature ?? sign('sha256');
  const headers = { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json', 'user-agent': 'Go-http-client/1.1' };
  for (const family of [...(forge.name === 'forgejo' ? ['forgejo'] : []), 'gitea', 'gogs', 'github']) {
    Object.assign(headers, { [`x-${family}-delivery`]: guid, [`x-${family}-event`]: made.event, [`x-${family}-event-type`]: made.type });
    if (family !== 'github' && signature !== undefined) headers[`x-${family}-signature`] = signature;
  }
  if (signature !== undefined) Object.assign(headers, { 'x-hub-signature': `sha1=${sign('sha1')}`, 'x-hub-signature-256': `sha256=${signature}` });
  return { headers, body, guid };
}
