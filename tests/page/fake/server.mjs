// A server that answers the page as `kiln serve` would, from states that are hard to reach for real: 200 Workers, a million lines, a
// queue in every mood. Used by the page's tests and its bench for these alone; everything else is tested against the real one.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stateNamed } from './states.mjs';

const dist = fileURLToPath(new URL('../../../web/dist', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const SECURITY = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
};
const PAGES = /^\/(login|start|connect|queue|pushes|account)?$|^\/(workers|builds|pushes|account)\//;

export async function startFake(name, port = 0) {
  const state = stateNamed(name);
  const requests = [];
  const streams = new Map(); // of what is open, response → path
  // What it answered, for pytest to hold against api/openapi.yaml: of each path, query and event the first.
  const answers = new Map();
  const keep = (what, answer) => { if (!answers.has(what)) answers.set(what, answer); };
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://fake');
    requests.push(`${request.method} ${url.pathname}`);
    const file = join(dist, url.pathname === '/' || PAGES.test(url.pathname) ? 'index.html' : url.pathname);
    const api = url.pathname.startsWith('/client/') || url.pathname.startsWith('/kiln/') || url.pathname.startsWith('/badges/') || url.pathname === '/livez';
    if (!api && existsSync(file) && extname(file)) {
      response.writeHead(200, { ...SECURITY, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': extname(file) === '.html' ? 'no-cache' : 'max-age=31536000, immutable' });
      response.end(readFileSync(file));
      return;
    }
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => answer(url, body ? JSON.parse(body) : null));
    const answer = (at, given) => {
      const said = state.answer(request.method, at.pathname.replace(/^\/client\/v4\/accounts\/[0-9a-f]{32}/, ''), at.searchParams, given);
      if (said?.stream) {
        const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
        response.writeHead(200, headers);
        response.write(': hello\n\n');
        keep(`stream ${at.pathname}`, { method: request.method, url: at.href, status: 200, headers, body: '' });
        streams.set(response, at.pathname);
        const end = said.stream((event, id, data) => {
          keep(`${at.pathname} ${event}`, { url: at.href, event, data });
          response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
        });
        response.on('close', () => {
          streams.delete(response);
          end();
        });
        return;
      }
      const status = said?.status ?? (said ? 200 : 404);
      const envelope = status < 300
        ? { result: said.result, success: true, errors: [], messages: [], ...(said.info ? { result_info: said.info } : {}) }
        : { result: null, success: false, errors: [{ code: said?.code ?? 7003, message: said?.message ?? `No route for ${at.pathname}` }], messages: [] };
      const text = said?.text ?? JSON.stringify(envelope);
      const etag = `W/"${createHash('md5').update(text).digest('hex')}"`;
      const headers = { 'content-type': said?.text ? 'text/plain; charset=utf-8' : 'application/json', 'cache-control': 'no-cache', ...(status === 200 ? { etag } : {}), ...said?.headers };
      keep(`${request.method} ${at.pathname} ${[...at.searchParams.keys()].sort()} ${status}`, { method: request.method, url: at.href, status, headers, body: text });
      response.writeHead(status, headers);
      response.end(text);
    };
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url, state, requests,
    answers: () => [...answers.values()],
    open: (tail) => [...streams.values()].filter((path) => path.endsWith(tail)).length,
    async stop() {
      state.stop?.();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await startFake(process.argv[2] ?? 'ordinary', Number(process.argv[3] ?? 0));
  console.log(fake.url);
}
