// A provider of identities on loopback: `node provider.mjs SECRET [id_token]` prints its issuer. Whoever types a name at it is that person,
// with the groups below; `id_token` puts them into ID tokens, else they are told by the user info endpoint alone.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';

const packages = createRequire(new URL('../../build/oidc/', import.meta.url));
const { default: Provider } = await import(packages.resolve('oidc-provider'));
const [secret, place] = process.argv.slice(2);

const GROUPS = { ada: ['ops', 'staff'], grace: ['dev', 'staff'], linus: ['staff'], mallory: ['guests'] };

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'kiln', client_secret: secret, redirect_uris: ['http://localhost/login'], response_types: ['code'], grant_types: ['authorization_code'] }],
  cookies: { keys: ['loopback'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
  conformIdTokenClaims: place !== 'id_token',
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `${id[0].toUpperCase()}${id.slice(1)}`, preferred_username: id, email: `${id}@example.com`, groups: GROUPS[id] ?? [] }),
  }),
});
// The port of the server under test is not known before it runs.
provider.Client.prototype.redirectUriAllowed = (uri) => /^http:\/\/(localhost|127\.0\.0\.1):\d+\/login$/.test(uri);

async function bodyOf(request) {
  let body = '';
  for await (const piece of request) body += piece;
  return new URLSearchParams(body);
}

async function interact(request, response) {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Who are you?</title><form method="post"><label>Name <input name="name"></label><button>Sign in</button><button name="refuse" value="1">Do not</button></form>');
    return;
  }
  const form = await bodyOf(request);
  if (form.get('refuse')) {
    await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'The person did not want to' });
    return;
  }
  const accountId = form.get('name');
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  await provider.interactionFinished(request, response, { login: { accountId, remember: false }, consent: { grantId: await grant.save() } });
}

const answer = provider.callback();
server.on('request', (request, response) => {
  const done = request.url.startsWith('/interaction/') ? interact(request, response) : answer(request, response);
  Promise.resolve(done).catch((problem) => { response.statusCode = 500; response.end(String(problem)); });
});
console.log(issuer);
