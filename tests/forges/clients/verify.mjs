// Verifies a webhook as its forge's own library does; argv is {library, secret, headers, body}. Prints {valid, why?}.
import { load } from '../lib/packages.mjs';

const { library, secret, headers, body } = JSON.parse(process.argv[2]);

const libraries = {
  async octokit() {
    const { Webhooks } = await load('@octokit/webhooks');
    const webhooks = new Webhooks({ secret, log: { error() {}, warn() {}, info() {}, debug() {} } });
    let received = null;
    webhooks.onAny((event) => { received = event.name; });
    await webhooks.verifyAndReceive({ id: headers['x-github-delivery'], name: headers['x-github-event'], signature: headers['x-hub-signature-256'], payload: body });
    return received;
  },
  async standardwebhooks() {
    const { Webhook } = await load('standardwebhooks');
    return new Webhook(secret).verify(body, headers).object_kind;
  },
};

try {
  console.log(JSON.stringify({ valid: true, event: await libraries[library]() }));
} catch (error) {
  console.log(JSON.stringify({ valid: false, why: error.message }));
}
