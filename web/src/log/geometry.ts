// Where the reader is in a log, and what is in sight: rows, their heights, the scroll bar. Knows no element and no server.
import { Heights } from './heights.ts';
import { type Row, Rows, type StepLines } from './rows.ts';
import { ScrollMap } from './scroll_map.ts';

export const LINE_HEIGHT = 20;
export const HEADING_HEIGHT = 30;
const MORE = 8; // rows beyond the edges

export interface InSight {
  first: number; // rows
  last: number;
  top: number; // of the first row, from the top of what is seen
}

export class Geometry {
  rows = new Rows(0, [], new Set());
  #heights = new Heights(0, LINE_HEIGHT);
  #measured = new Map<number, number>(); // line → height, of wrapped ones
  #steps: readonly StepLines[] = [];
  #folded: ReadonlySet<number> = new Set();
  #total = 0;
  #anchor: { at: Row; into: number } = { at: { kind: 'line', line: 0, step: -1 }, into: 0 };
  #view = 400;
  offset = 0; // of the upper edge of what is seen, in the log's own pixels
  bar = 0; // of the same in the scroll bar's

  get map(): ScrollMap {
    return new ScrollMap(this.#heights.total, this.#view);
  }

  get view(): number {
    return this.#view;
  }

  get atEnd(): boolean {
    return this.offset >= this.map.end - 2;
  }

  resize(view: number): void {
    this.#view = Math.max(1, view);
    this.#restore();
  }

  // More lines, other steps or folds: what is read stays where it is.
  arrange(total: number, steps: readonly StepLines[], folded: ReadonlySet<number>): void {
    const onlyGrew = folded === this.#folded && total >= this.#total && steps.length === this.#steps.length &&
      steps.every((step, i) => step.first === this.#steps[i]?.first);
    this.#total = total;
    this.#steps = steps;
    this.#folded = folded;
    this.rows = new Rows(total, steps, folded);
    if (onlyGrew) this.#heights.grow(this.rows.count);
    else {
      this.#heights = this.#fresh();
      for (const [line, height] of this.#measured) this.#setLine(line, height);
    }
    this.#restore();
  }

  // Heights of lines as they were drawn; true when something moved.
  measure(heights: ReadonlyMap<number, number>): boolean {
    let isNews = false;
    for (const [line, height] of heights) {
      if (height === LINE_HEIGHT) this.#measured.delete(line);
      else this.#measured.set(line, height);
      isNews = this.#setLine(line, height) || isNews;
    }
    if (isNews) this.#restore();
    return isNews;
  }

  // Lines are cut to one row again, or shall be wrapped to another width.
  forgetHeights(): void {
    this.#measured.clear();
    this.#heights = this.#fresh();
    this.#restore();
  }

  // The reader moved the bar.
  moved(bar: number): void {
    this.offset = this.map.moved(this.offset, this.bar, bar);
    this.bar = bar;
    this.#remember();
  }

  // The bar where it belongs after small movements that went past its share; null when it is there.
  settledBar(): number | null {
    const wanted = this.map.toBar(this.offset);
    return Math.abs(wanted - this.bar) > 1 ? wanted : null;
  }

  goTo(offset: number): void {
    this.offset = Math.max(0, Math.min(offset, this.map.end));
    this.bar = this.map.toBar(this.offset);
    this.#remember();
  }

  goToEnd(): void {
    this.goTo(this.map.end);
  }

  // Brings a line into sight with some lines above it, unless it is well in sight as it is.
  goToLine(line: number, always = false): void {
    const row = this.rows.ofLine(line);
    const top = this.#heights.top(row);
    const isSeen = top >= this.offset + HEADING_HEIGHT + LINE_HEIGHT && top + LINE_HEIGHT * 2 <= this.offset + this.#view;
    if (always || !isSeen) this.goTo(top - Math.min(this.#view / 3, LINE_HEIGHT * 8));
  }

  inSight(): InSight {
    const first = Math.max(0, this.#heights.at(this.offset) - MORE);
    const last = Math.min(this.rows.count - 1, this.#heights.at(this.offset + this.#view) + MORE);
    return { first, last, top: this.#heights.top(first) - this.offset };
  }

  // The row at the upper edge.
  topRow(): Row | null {
    return this.rows.at(this.#heights.at(this.offset + 1));
  }

  // Where a line stands in the whole, from 0 to 1, for marks beside the bar.
  share(line: number): number {
    return this.#heights.total ? this.#heights.top(this.rows.ofLine(line)) / this.#heights.total : 0;
  }

  get seenShare(): [number, number] {
    const total = Math.max(1, this.#heights.total);
    return [this.offset / total, Math.min(1, (this.offset + this.#view) / total)];
  }

  #fresh(): Heights {
    const heights = new Heights(this.rows.count, LINE_HEIGHT);
    for (const row of this.rows.headings()) heights.set(row, HEADING_HEIGHT);
    return heights;
  }

  #setLine(line: number, height: number): boolean {
    const row = this.rows.ofLine(line);
    const found = this.rows.at(row);
    return found?.kind === 'line' && found.line === line ? this.#heights.set(row, height) : false;
  }

  #remember(): void {
    const row = this.#heights.at(this.offset);
    const at = this.rows.at(row);
    if (at) this.#anchor = { at, into: this.offset - this.#heights.top(row) };
  }

  #restore(): void {
    const { at, into } = this.#anchor;
    const row = at.kind === 'step' ? this.rows.ofStep(at.step) : this.rows.ofLine(at.line);
    this.offset = Math.max(0, Math.min(this.#heights.top(row) + into, this.map.end));
    this.bar = this.map.toBar(this.offset);
  }
}
