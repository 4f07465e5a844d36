// The page's side of live streams: open one, hear of its events, close it. While the tab is hidden for long nothing is open; what
// was comes back where it broke off.
import { type FromWorker, type ToWorker, type Wish, resumed } from './protocol.ts';
import { Stream, type StreamEvents } from './stream.ts';

interface Opened {
  wish: Wish;
  tell: StreamEvents;
  lastId: string;
  own: Stream | null;
}

const HIDDEN_FOR = 30_000;
const ALIVE = 15_000;

let number = 0;
const opened = new Map<string, Opened>();
let resting = false;

const port = sharedWorker();

function sharedWorker(): MessagePort | null {
  if (typeof SharedWorker === 'undefined') return null;
  try {
    const policy = window.trustedTypes?.createPolicy('kiln', {
      createScriptURL: (address) => {
        if (address !== KILN_LIVE_WORKER) throw new TypeError('no script but the page’s own');
        return address;
      },
    });
    const address = policy ? policy.createScriptURL(KILN_LIVE_WORKER) : KILN_LIVE_WORKER;
    const worker = new SharedWorker(address as string, { name: 'kiln-live' });
    worker.port.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data);
    window.addEventListener('pagehide', () => say({ kind: 'leave' }));
    setInterval(() => { if (opened.size && !resting) say({ kind: 'alive' }); }, ALIVE);
    return worker.port;
  } catch {
    return null;
  }
}

function say(message: ToWorker): void {
  port?.postMessage(message);
}

function hear(message: FromWorker): void {
  const one = opened.get(message.stream);
  if (!one) return;
  switch (message.kind) {
    case 'event':
      if (message.id) one.lastId = message.id;
      one.tell.event(message.name, message.id, message.data);
      if (message.name === 'end') shut(message.stream);
      break;
    case 'up': one.tell.up(); break;
    case 'down': one.tell.down(); break;
  }
}

function begin(name: string, one: Opened): void {
  const wish = { ...one.wish, stream: name, address: resumed(one.wish.address, one.wish.resume, one.lastId) };
  if (port) say({ kind: 'open', wish });
  else one.own = new Stream(wish, {
    event: (event, id, data) => hear({ kind: 'event', stream: name, name: event, id, data }),
    up: () => hear({ kind: 'up', stream: name }),
    down: () => hear({ kind: 'down', stream: name }),
  });
}

function halt(name: string, one: Opened): void {
  one.own?.close();
  one.own = null;
  say({ kind: 'close', stream: name });
}

function shut(name: string): void {
  const one = opened.get(name);
  if (!one) return;
  opened.delete(name);
  halt(name, one);
}

export function openStream(wish: Omit<Wish, 'stream'>, tell: StreamEvents): () => void {
  number += 1;
  const name = `s${number}`;
  const one: Opened = { wish: { ...wish, stream: name }, tell, lastId: '', own: null };
  opened.set(name, one);
  if (!resting) begin(name, one);
  return () => shut(name);
}

// A stream that was down is tried at once.
export function tryNow(): void {
  if (resting) return;
  for (const [name, one] of opened) {
    halt(name, one);
    begin(name, one);
  }
}

let timer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (document.hidden) {
    timer = setTimeout(() => {
      resting = true;
      opened.forEach((one, name) => halt(name, one));
    }, HIDDEN_FOR);
  } else if (resting) {
    resting = false;
    opened.forEach((one, name) => begin(name, one));
  }
});
