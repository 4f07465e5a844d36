// The lines that the page holds: pages of them around what is read, the least recently used let go. Knows which are missing.
import type { Line } from './line.ts';

export const PAGE = 250;
export const MOST_PAGES = 20; // 5,000 lines

export class HeldLines {
  #pages = new Map<number, Line[]>(); // in order of use, the latest last
  #total = 0;

  get total(): number {
    return this.#total;
  }

  get held(): number {
    let sum = 0;
    for (const page of this.#pages.values()) sum += page.length;
    return sum;
  }

  setTotal(total: number): void {
    this.#total = Math.max(this.#total, total);
  }

  heldIn(page: number): number {
    return this.#pages.get(page)?.length ?? 0;
  }

  line(number: number): Line | null {
    return this.#pages.get(Math.floor(number / PAGE))?.[number % PAGE] ?? null;
  }

  // Lines from `first` on, as the server or the live stream gave them. What does not join a page that is held is dropped, unless it begins one.
  put(first: number, lines: readonly Line[]): void {
    this.setTotal(first + lines.length);
    for (let i = 0; i < lines.length;) {
      const number = first + i;
      const page = Math.floor(number / PAGE);
      const inside = number % PAGE;
      const some = lines.slice(i, i + PAGE - inside);
      const held = this.#pages.get(page) ?? [];
      if (inside <= held.length) {
        const joined = held.slice(0, inside).concat(some);
        this.#use(page, joined.length >= held.length ? joined : held);
      }
      i += some.length;
    }
    this.#letGo();
  }

  // The pages among [first, last] that are not here in full, the middle one first.
  missing(first: number, last: number): number[] {
    const pages: number[] = [];
    for (let page = Math.floor(Math.max(0, first) / PAGE); page * PAGE <= Math.min(last, this.#total - 1); page += 1) {
      const held = this.#pages.get(page);
      if (!held || held.length < Math.min(PAGE, this.#total - page * PAGE)) pages.push(page);
      else this.#use(page, held);
    }
    const middle = (first + last) / 2 / PAGE;
    return pages.sort((a, b) => Math.abs(a + 0.5 - middle) - Math.abs(b + 0.5 - middle));
  }

  #use(page: number, lines: Line[]): void {
    this.#pages.delete(page);
    this.#pages.set(page, lines);
  }

  #letGo(): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= MOST_PAGES) return;
      this.#pages.delete(page);
    }
  }
}
