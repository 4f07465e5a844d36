// What tests make this GitHub have and do, beside what every fake can: /__control/…
import { randomBytes } from 'node:crypto';
import { refuse, reply } from '../lib/answers.mjs';
import { addComment } from './comments.mjs';
import { newToken } from './auth.mjs';

export function control(forge) {
  const { world } = forge;

  // {app?, repos?: [...], installations?: [...], tokens?: [...], pulls?: [{repo, …}]}: each as forge.mjs and lib/world.mjs say.
  function seed({ body }) {
    if (body.app) forge.addApp(body.app);
    for (const about of body.repos ?? []) world.addRepo(about);
    for (const about of body.installations ?? []) forge.addInstallation(about);
    for (const about of body.pulls ?? []) world.pull(world.repoAt(about.repo), about);
    for (const about of body.comments ?? []) addComment(forge, world.repoAt(about.repo), about.number, about.body, world.person(about.by ?? 'ada'));
    for (const about of body.tokens ?? []) token(about);
    return reply(200, forge.state());
  }

  // A person's token: {token?, user?, permissions?, repos?: [path]}.
  function token(about) {
    const made = { kind: 'person', token: about.token ?? `github_pat_${randomBytes(30).toString('base64url')}`, user: about.user ?? 'ada', repos: about.repos ?? null, revoked: false, uses: 0,
      permissions: about.permissions ?? { metadata: 'read', contents: 'read', statuses: 'write', pull_requests: 'write', issues: 'write', repository_hooks: 'write' } };
    forge.tokens.set(made.token, made);
    return made;
  }

  // {event, …}: makes it happen and sends it, from the App and from every hook of the repository that wants it. Answers the deliveries.
  async function send({ body }) {
    const { event, deliver = {}, ...about } = body;
    const repo = about.repo ? world.repoAt(about.repo) : null; // before the event: it may rename or drop it
    const made = forge.events.make(event, about);
    const sent = [];
    const installed = made.payload.installation || ['ping', 'github_app_authorization'].includes(event);
    if (installed && forge.app.hook.url) sent.push(await forge.sendFromApp(forge.app, made, deliver));
    if (repo) sent.push(...await forge.sendFromRepo(repo, made, deliver));
    if (event === 'check_run' && about.action !== 'requested_action') rerequested(forge.runs.get(Number(about.run_id)));
    if (event === 'check_suite' && (about.action ?? 'rerequested') === 'rerequested') for (const run of forge.runs.values()) if (run.head_sha === made.payload.check_suite.head_sha) rerequested(run);
    return reply(200, { event, payload: made.payload, deliveries: forge.deliveries.told(sent) });
  }

  const rerequested = (run) => { run.rerequested += 1; };

  return [
    ['POST', '/seed', seed],
    ['POST', '/send', send],
    // A payload alone, judged and not sent.
    ['POST', '/payload', async ({ body: { event, ...about } }) => {
      const made = forge.events.make(event, about);
      const { wrongWith } = await import('./judge.mjs');
      return reply(200, { ...made, wrong: wrongWith(made.event, made.payload) });
    }],
    ['POST', '/redeliver', async ({ body }) => {
      const kept = forge.deliveries.list.find((one) => one.id === body.id || one.guid === body.guid) ?? refuse(404, 'no such delivery');
      const again = await forge.deliveries.again(kept);
      return reply(200, forge.deliveries.told([again])[0]);
    }],
    ['POST', '/settings', ({ body }) => { Object.assign(forge.settings, body); return reply(200, forge.settings); }],
    ['POST', '/hook', ({ body }) => { Object.assign(forge.app.hook, body); return reply(200, forge.app.hook); }],
    ['POST', '/token', ({ body }) => {
      if (!body.installation_id) return reply(200, token(body));
      const one = forge.installations.get(body.installation_id) ?? refuse(404, 'no such installation');
      const made = { kind: 'installation', token: newToken(forge.appOf(one.app_id), 200), installation_id: one.id, app_id: one.app_id, repository_ids: null, permissions: body.permissions ?? one.permissions, expires_ms: null, revoked: false, uses: 0 };
      forge.tokens.set(made.token, made);
      return reply(200, made);
    }],
    ['POST', '/revoke', ({ body }) => {
      const hit = [...forge.tokens.values()].filter((one) => !body.token || one.token === body.token);
      for (const one of hit) one.revoked = true;
      return reply(200, { revoked: hit.length });
    }],
    ['POST', '/delete_comment', ({ body }) => { (forge.comments.get(body.id) ?? refuse(404, 'no such comment')).deleted = true; return reply(200, {}); }],
    // Renames without telling anybody.
    ['POST', '/rename', ({ body }) => {
      world.move(world.repoAt(body.repo), body.to);
      return reply(200, {});
    }],
  ];
}
