// The shared worker of a browser: one stream for each address, however many tabs read it, since a host is granted six connections
// in all over HTTP/1.1. A tab that is hidden closes its streams; one that is gone without a word is noticed by its silence.
import type { FromWorker, ToWorker } from './protocol.ts';
import { Stream } from './stream.ts';

interface Reader {
  port: MessagePort;
  heard: number;
}

interface Shared {
  stream: Stream;
  readers: Map<Reader, string>; // → the reader's name for it
}

const SILENCE = 40_000;
const readers = new Set<Reader>();
const shared = new Map<string, Shared>();

function tell(reader: Reader, message: FromWorker): void {
  reader.port.postMessage(message);
}

function open(reader: Reader, wish: Extract<ToWorker, { kind: 'open' }>['wish']): void {
  const known = shared.get(wish.address);
  if (known) {
    known.readers.set(reader, wish.stream);
    if (known.stream.isUp) tell(reader, { kind: 'up', stream: wish.stream });
    return;
  }
  const mine: Map<Reader, string> = new Map([[reader, wish.stream]]);
  const each = (message: (stream: string) => FromWorker): void => mine.forEach((name, one) => tell(one, message(name)));
  const stream = new Stream(wish, {
    event: (name, id, data) => each((to) => ({ kind: 'event', stream: to, name, id, data })),
    up: () => each((to) => ({ kind: 'up', stream: to })),
    down: () => each((to) => ({ kind: 'down', stream: to })),
  });
  shared.set(wish.address, { stream, readers: mine });
}

function close(reader: Reader, name: string | null): void {
  for (const [address, one] of shared) {
    const known = one.readers.get(reader);
    if (known === undefined || (name !== null && known !== name)) continue;
    one.readers.delete(reader);
    if (one.readers.size) continue;
    one.stream.close();
    shared.delete(address);
  }
}

function leave(reader: Reader): void {
  close(reader, null);
  readers.delete(reader);
}

setInterval(() => {
  for (const reader of readers) if (Date.now() - reader.heard > SILENCE) leave(reader);
}, SILENCE / 2);

const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
scope.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const reader: Reader = { port, heard: Date.now() };
  readers.add(reader);
  port.onmessage = (message: MessageEvent<ToWorker>) => {
    reader.heard = Date.now();
    readers.add(reader);
    const said = message.data;
    switch (said.kind) {
      case 'open': open(reader, said.wish); break;
      case 'close': close(reader, said.stream); break;
      case 'leave': leave(reader); break;
      case 'alive': break;
    }
  };
};
