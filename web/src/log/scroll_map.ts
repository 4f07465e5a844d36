// Between where a scroll bar stands and where in a list that is: browsers take no box higher than some 16 million pixels, so that
// beyond a cap the bar's way is shared out. Small movements are taken as they are, long ones by their share.

export const HIGHEST = 8_000_000;

export class ScrollMap {
  #content: number;
  #view: number;

  constructor(content: number, view: number) {
    this.#content = content;
    this.#view = view;
  }

  // How high the box that is scrolled shall be.
  get boxHeight(): number {
    return Math.min(this.#content, HIGHEST);
  }

  get end(): number {
    return Math.max(0, this.#content - this.#view);
  }

  get #barEnd(): number {
    return Math.max(0, this.boxHeight - this.#view);
  }

  get isMapped(): boolean {
    return this.#content > HIGHEST;
  }

  toContent(bar: number): number {
    if (!this.isMapped || this.#barEnd === 0) return clamp(bar, this.end);
    return clamp(bar * (this.end / this.#barEnd), this.end);
  }

  toBar(content: number): number {
    if (!this.isMapped) return clamp(content, this.end);
    return clamp(content * (this.#barEnd / this.end), this.#barEnd);
  }

  // Where the reader is after the bar went from one place to another, being at `content` before.
  moved(content: number, from: number, to: number): number {
    if (!this.isMapped) return this.toContent(to);
    if (to <= 0) return 0;
    if (to >= this.#barEnd - 1) return this.end;
    const way = to - from;
    return Math.abs(way) < this.#view * 2 ? clamp(content + way, this.end) : this.toContent(to);
  }
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
