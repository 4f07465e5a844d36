// Holds a webhook payload against GitHub's published schemas, before it is sent.
import { data } from '../lib/packages.mjs';

let ajv;

function compiled(key) {
  if (!ajv) {
    const { default: Ajv } = data('ajv');
    const { default: formats } = data('ajv-formats');
    ajv = new Ajv({ strict: false, allErrors: true });
    formats(ajv);
    ajv.addFormat('uri-template', true);
    ajv.addSchema(data('@octokit/webhooks-schemas'), 'github');
  }
  return ajv.getSchema(`github#/definitions/${key}`);
}

// → what is wrong with it, in words, or null.
export function wrongWith(event, payload) {
  const check = compiled(payload.action ? `${event}$${payload.action}` : `${event}$event`);
  if (!check) return `GitHub has no ${event}${payload.action ? `.${payload.action}` : ''}`;
  if (check(payload)) return null;
  return check.errors.slice(0, 6).map((error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`).join('; ');
}
