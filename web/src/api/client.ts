// The one door to the server: the API's own routes, same origin, with the session's cookie.
import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import { ApiError, errorOf } from './errors.ts';
import { account, ended } from './session.ts';
import { lost } from '../live/connection.ts';

const TWICE = 400; // ms: the second half of a double click may come after the answer

// What changes something and is under way is not asked for a second time: whoever presses twice meant it once.
const underWay = new Map<string, Promise<Response>>();

export async function once(request: Request): Promise<Response> {
  if (request.method === 'GET') return fetch(request);
  const what = `${request.method} ${request.url} ${await request.clone().text()}`;
  const answer = underWay.get(what) ?? fetch(request).finally(() => setTimeout(() => underWay.delete(what), TWICE));
  underWay.set(what, answer);
  return (await answer).clone();
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin', headers: { accept: 'application/json' }, fetch: once });

interface Answer<T> {
  data?: { result: T } | undefined;
  error?: unknown;
  response: Response;
}

// The `result` of an answer; an ApiError is thrown for everything else.
export async function result<T>(asked: Promise<Answer<T>>): Promise<T> {
  return (await whole(asked)).result;
}

// The answer with its messages and its page's place.
export async function whole<D extends object>(asked: Promise<{ data?: D | undefined; error?: unknown; response: Response }>): Promise<D> {
  let answer;
  try {
    answer = await asked;
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === 'AbortError') throw problem;
    lost();
    throw new ApiError(0, 0, 'Kiln does not answer');
  }
  if (answer.data && answer.response.ok) return answer.data;
  const refusal = errorOf(answer.response.status, answer.error);
  if (refusal.status === 401) ended();
  if (refusal.isGone) lost();
  throw refusal;
}

// Of an answer that only says that it is done.
export async function done(asked: Promise<{ data?: object | undefined; error?: unknown; response: Response }>): Promise<void> {
  await whole(asked);
}

// The `result` of a route whose types are written by hand.
export async function asEnvelope<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const asked = once(new Request(path, { method, credentials: 'same-origin', headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) }))
    .then(async (response) => {
      const answer: unknown = await response.json().catch(() => null);
      return response.ok ? { data: answer as { result: T }, response } : { error: answer, response };
    });
  return result(asked);
}

// The account's part of a path.
export const here = (): { account_id: string } => ({ account_id: account.value });
