// Badges of the fake server's Workers, in the shapes of api/openapi.yaml.
import { at, hex, uuid } from './values.mjs';

export class Badges {
  #on = new Map(); // by the Worker's name
  #made = 0;

  answer(method, path, body) {
    const name = /^\/builds\/workers\/([^/]+)\/badge$/.exec(path)?.[1];
    if (!name) return null;
    if (method === 'DELETE') this.#on.delete(name);
    if (method === 'PUT') {
      if (body.branch?.startsWith('/')) return { status: 400, code: 12002, message: 'Invalid request body: branch must not begin with a slash' };
      const before = this.#on.get(name);
      const id = before && !body.replace ? before.id : uuid(`badge ${name} ${this.#made += 1}`);
      this.#on.set(name, { id, branch: body.branch ?? (before ? before.branch : 'main') });
    }
    const badge = this.#on.get(name);
    if (!badge || method === 'DELETE') return { result: null };
    const url = `https://kiln.example.com/badges/${badge.id}/badge.svg`;
    return { result: { external_script_id: hex(name, 32), branch: badge.branch || null, url, markdown: `![build](${url})`, created_on: at(-60) } };
  }

  picture(path) {
    const isOn = [...this.#on.values()].some((badge) => path === `/badges/${badge.id}/badge.svg`);
    if (!isOn) return { status: 404, code: 12000, message: 'there is no such badge' };
    return { text: '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><rect width="90" height="20" fill="#1f7a3d"/></svg>', headers: { 'content-type': 'image/svg+xml; charset=utf-8', 'cache-control': 'no-cache' } };
  }
}
