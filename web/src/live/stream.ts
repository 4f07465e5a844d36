// One server-sent stream that comes back by itself, whatever ended it. Lives in the shared worker, or in the page where there is none.
import { type Wish, pause, resumed } from './protocol.ts';

export interface StreamEvents {
  event(name: string, id: string, data: string): void;
  up(): void;
  down(): void;
}

export class Stream {
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #lastId = '';
  #over = false;
  isUp = false;

  readonly #wish: Wish;
  readonly #tell: StreamEvents;

  constructor(wish: Wish, tell: StreamEvents) {
    this.#wish = wish;
    this.#tell = tell;
    this.#open();
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    const source = new EventSource(resumed(this.#wish.address, this.#wish.resume, this.#lastId));
    this.#source = source;
    source.onopen = () => {
      this.#attempt = 0;
      this.isUp = true;
      this.#tell.up();
    };
    source.onerror = () => {
      this.isUp = false;
      // The browser's own second attempt would not know by which address to go on when the server refuses the first.
      source.close();
      if (this.#over) return;
      this.#tell.down();
      this.#timer = setTimeout(() => this.#open(), pause(this.#attempt, Math.random()));
      this.#attempt += 1;
    };
    for (const name of this.#wish.events) {
      source.addEventListener(name, (event) => {
        const message = event as MessageEvent<string>;
        if (typeof message.data !== 'string') return; // the browser's own `error`
        if (message.lastEventId) this.#lastId = message.lastEventId;
        this.#tell.event(name, message.lastEventId, message.data);
        if (name === 'end') this.close();
      });
    }
  }
}
