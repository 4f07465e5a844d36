// Sends a hook as a forge does: one POST, no redirect followed, an answer within `timeout_ms` or none. Loopback alone is reached.
import http from 'node:http';
import https from 'node:https';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|[\w.-]+\.localhost)$/;

// → {status, headers, body, duration (s), error}; status 0 and `error` when there was no answer.
export function deliver(url, headers, body, { timeout_ms = 10_000, ca } = {}) {
  const target = new URL(url);
  const began = performance.now();
  const ended = (about) => ({ status: 0, headers: {}, body: '', error: null, ...about, duration: (performance.now() - began) / 1000 });
  if (!LOOPBACK.test(target.hostname)) return Promise.resolve(ended({ error: `${target.hostname} is not on this machine: nothing is sent` }));
  return new Promise((resolve) => {
    const options = { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, agent: false, ca };
    const request = (target.protocol === 'https:' ? https : http).request(target, options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve(ended({
        status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString(),
      })));
      response.on('error', (error) => resolve(ended({ error: error.message })));
    });
    request.setTimeout(timeout_ms, () => request.destroy(new Error('timed out')));
    request.on('error', (error) => resolve(ended({ error: error.message })));
    request.end(body);
  });
}
