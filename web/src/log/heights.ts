// Where each row of a long list stands, when most rows have the same height and some were measured to be others. Answers in
// constant or logarithmic time for millions of rows; memory for the exceptions alone.

const CHUNK = 512;

export class Heights {
  #base: number;
  #count: number;
  #extra = new Map<number, number>(); // row → how much taller than the base
  #sums: Float64Array; // of each chunk's extras
  #before: Float64Array | null = null; // of all chunks before each

  constructor(count: number, base: number) {
    this.#count = count;
    this.#base = base;
    this.#sums = new Float64Array(Math.ceil(count / CHUNK) + 1);
  }

  get count(): number {
    return this.#count;
  }

  get total(): number {
    return this.top(this.#count);
  }

  grow(count: number): void {
    if (count <= this.#count) return;
    this.#count = count;
    const chunks = Math.ceil(count / CHUNK) + 1;
    if (chunks > this.#sums.length) {
      const sums = new Float64Array(Math.max(chunks, this.#sums.length * 2));
      sums.set(this.#sums);
      this.#sums = sums;
    }
    this.#before = null;
  }

  height(row: number): number {
    return this.#base + (this.#extra.get(row) ?? 0);
  }

  // True when that is news.
  set(row: number, height: number): boolean {
    const extra = height - this.#base;
    const known = this.#extra.get(row) ?? 0;
    if (Math.abs(extra - known) < 0.5) return false;
    if (extra === 0) this.#extra.delete(row);
    else this.#extra.set(row, extra);
    const chunk = Math.floor(row / CHUNK);
    this.#sums[chunk] = (this.#sums[chunk] ?? 0) + extra - known;
    this.#before = null;
    return true;
  }

  // The y of a row's upper edge; of the count itself, the lower end of all.
  top(row: number): number {
    const chunk = Math.floor(row / CHUNK);
    let y = row * this.#base + (this.#prefix()[chunk] ?? 0);
    if (this.#sums[chunk]) for (let i = chunk * CHUNK; i < row; i += 1) y += this.#extra.get(i) ?? 0;
    return y;
  }

  // The row that y lies in; the first or last one for what lies outside.
  at(y: number): number {
    if (this.#count === 0) return 0;
    const before = this.#prefix();
    let low = 0;
    let high = Math.floor((this.#count - 1) / CHUNK);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (middle * CHUNK * this.#base + (before[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    let row = low * CHUNK;
    let top = row * this.#base + (before[low] ?? 0);
    if (!this.#sums[low]) row += Math.max(0, Math.floor((y - top) / this.#base));
    else {
      while (row < this.#count - 1 && top + this.height(row) <= y) {
        top += this.height(row);
        row += 1;
      }
    }
    return Math.min(row, this.#count - 1);
  }

  #prefix(): Float64Array {
    if (this.#before) return this.#before;
    const before = new Float64Array(this.#sums.length + 1);
    for (let i = 0; i < this.#sums.length; i += 1) before[i + 1] = (before[i] ?? 0) + (this.#sums[i] ?? 0);
    this.#before = before;
    return before;
  }
}
