// The hooks that were sent: each try is kept, and may be made again with the same id of the delivery.
import { deliver } from './deliver.mjs';

export class Deliveries {
  constructor(forge, first = 1) {
    this.forge = forge;
    this.first = first;
    this.list = [];
  }

  // Sends one. `about`: {guid, event, action, hook, request: {headers, body, payload}, url}; `lost` keeps it as failed without sending it.
  // → it with {id, answer, ok}.
  async send(about, lost = false) {
    const one = { ...about, id: this.forge.world.next('delivery', this.first), delivered_at: this.forge.clock.iso() };
    const { hook_timeout_ms: timeout_ms, hook_ca: ca } = this.forge.settings;
    one.answer = lost || !one.url ? { status: 0, headers: {}, body: '', error: one.url ? 'failed to connect' : 'no URL', duration: 0 } : await deliver(one.url, one.request.headers, one.request.body, { timeout_ms, ca });
    one.ok = one.answer.status >= 200 && one.answer.status < 300;
    this.list.push(one);
    return one;
  }

  again(one) { return this.send({ ...one, redelivery: true, url: one.hook.url }); }

  told(only) {
    return this.list.filter((one) => !only || only.includes(one)).map((one) => ({ id: one.id, guid: one.guid, event: one.event, action: one.action ?? null, redelivery: Boolean(one.redelivery), ok: one.ok, status_code: one.answer.status,
      delivered_at: one.delivered_at, answer: one.answer, hook_id: one.hook.id, url: one.url, headers: one.request.headers }));
  }
}
