// What every fake shares: it reads a request, notes it, lets it meet its fault or its handler, and answers.
//
// A forge is an object { name, router, prefixes?, enter(call), refusal(error), control(router table), reset(), state() }; this file
// knows no forge.
import http from 'node:http';
import { Refusal, refuse, reply } from './answers.mjs';
import { Clock } from './clock.mjs';
import { Faults } from './faults.mjs';
import { Router } from './router.mjs';

const BODY_LIMIT = 25 << 20;

function readBody(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    let size = 0;
    request.on('data', (part) => { if ((size += part.length) <= BODY_LIMIT) parts.push(part); });
    request.on('end', () => (size > BODY_LIMIT ? reject(new Refusal(413, 'the body is too large')) : resolve(Buffer.concat(parts))));
    request.on('error', reject);
  });
}

function parsed(raw, type) {
  if (!raw.length) return undefined;
  if (/\bjson\b/.test(type ?? '')) {
    try {
      return JSON.parse(raw.toString());
    } catch {
      return refuse(400, 'Problems parsing JSON');
    }
  }
  if (/x-www-form-urlencoded/.test(type ?? '')) return Object.fromEntries(new URLSearchParams(raw.toString()));
  if (/multipart\/form-data/.test(type ?? '')) return { multipart: raw.toString('latin1') };
  return undefined;
}

export class Fake {
  constructor(makeForge) {
    this.clock = new Clock();
    this.faults = new Faults();
    this.calls = [];
    this.makeForge = makeForge;
    this.server = http.createServer((request, response) => this.#serve(request, response));
    this.base = null;
    this.reset();
  }

  // Empties the forge: no repository, no token, no fault, no call.
  reset() {
    this.faults.clear();
    this.clock.offset_ms = 0;
    this.calls.length = 0;
    this.forge = this.makeForge(this);
    this.control = new Router([...this.#commonControl(), ...this.forge.control()]);
  }

  // → the port; only loopback can reach it.
  async listen(port = 0) {
    await new Promise((resolve, reject) => { this.server.once('error', reject); this.server.listen(port, '127.0.0.1', resolve); });
    this.own = `http://127.0.0.1:${this.server.address().port}`;
    this.base ??= this.own;
    return this.server.address().port;
  }

  // Where the forge says it lives, in every link that it hands out.
  link(path) { return this.base + path; }

  #commonControl() {
    return [
      ['GET', '/state', () => reply(200, { calls: this.calls, faults: this.faults.list(), hanging: this.faults.hanging, base: this.base, ...this.forge.state() })],
      ['GET', '/calls', (call) => reply(200, this.calls.slice(Number(call.query.get('since') ?? 0)))],
      ['POST', '/reset', () => { this.reset(); return reply(200, {}); }],
      ['POST', '/fault', (call) => { this.faults.add(call.body); return reply(200, this.faults.list()); }],
      ['DELETE', '/faults', () => { this.faults.clear(); return reply(200, []); }],
      ['POST', '/clock', (call) => { this.clock.offset_ms = 1000 * call.body.ahead_seconds; return reply(200, { now: this.clock.iso() }); }],
      ['POST', '/base', (call) => { this.base = call.body.url; return reply(200, { base: this.base }); }],
    ];
  }

  async #serve(request, response) {
    const url = new URL(request.url, 'http://fake');
    const call = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers };
    let answer;
    try {
      call.raw = await readBody(request);
      if (url.pathname.startsWith('/__control/')) answer = await this.#controlled(call);
      else answer = await this.#faulty(call, response);
    } catch (error) {
      answer = this.#failed(call, error);
    }
    if (answer) this.#send(response, answer);
  }

  async #controlled(call) {
    const found = this.control.find(call.method, call.path.slice('/__control'.length));
    if (!found?.handler) return reply(404, { error: `the fake has no control ${call.method} ${call.path}` });
    call.body = parsed(call.raw, 'json') ?? {};
    call.params = found.params;
    try {
      return await found.handler(call);
    } catch (error) {
      return reply(error instanceof Refusal ? error.status : 500, { error: error.message, ...(error.details ?? {}), stack: error instanceof Refusal ? undefined : error.stack });
    }
  }

  // The call as it is noted: what came, and the status that was (or would have been) answered.
  #note(call) {
    const note = { n: this.calls.length, time: this.clock.iso(), at_ms: Date.now(), method: call.method, path: call.path, query: call.query.toString(),
      headers: { ...call.headers }, body: null, status: null, fault: false };
    this.calls.push(note);
    return note;
  }

  async #faulty(call, response) {
    const note = this.#note(call);
    call.note = note;
    try {
      call.body = parsed(call.raw, call.headers['content-type']);
      note.body = call.body ?? null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      call.broken = error;
    }
    const fault = this.faults.take(call.method, call.path);
    let answer = null;
    if (!fault || fault.when === 'after' || !(fault.status || fault.hang || fault.drop || fault.refuse)) answer = await this.#handled(call);
    note.status = answer?.status ?? null;
    if (!fault) return answer;
    note.fault = true;
    if (fault.hang) { this.faults.hang(response); return null; }
    if (fault.refuse) { response.socket?.destroy(); return null; }
    if (fault.drop) { this.#drop(response, answer ?? reply(200, { id: 1 })); return null; }
    if (fault.delay_ms) await new Promise((resolve) => setTimeout(resolve, fault.delay_ms));
    if (!fault.status) return answer;
    note.status = fault.status;
    const told = typeof fault.body === 'string' ? fault.body : fault.body ?? this.forge.refusal(new Refusal(fault.status, 'a fault that the test asked for')).body;
    return reply(fault.status, told, fault.headers ?? {});
  }

  async #handled(call) {
    try {
      if (call.broken) throw call.broken;
      const found = this.forge.route(call);
      if (!found) refuse(404, 'Not Found');
      if (!found.handler) refuse(405, 'Method Not Allowed');
      Object.assign(call, { params: found.params, about: found.about, pattern: found.pattern });
      this.forge.enter(call);
      return await found.handler(call);
    } catch (error) {
      return this.#failed(call, error);
    }
  }

  #failed(call, error) {
    if (error instanceof Refusal) return this.forge.refusal(error);
    console.error(`${call.method} ${call.path}: ${error.stack}`);
    return reply(500, { message: `the fake itself failed: ${error.message}` });
  }

  #body(answer) { return answer.body === null ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body); }

  #send(response, answer) {
    const body = this.#body(answer);
    const type = typeof answer.body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
    response.writeHead(answer.status, { ...(body ? { 'content-type': type } : {}), 'content-length': Buffer.byteLength(body), ...answer.headers });
    response.end(body);
  }

  #drop(response, answer) {
    const body = this.#body(answer) || '{}';
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) + 1 });
    response.write(body.slice(0, Math.ceil(body.length / 2)), () => response.socket?.destroy());
  }
}
