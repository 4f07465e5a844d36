// What a log shows, row by row: its lines, above each step's first line the step's heading, and of folded steps the heading alone.

export interface StepLines {
  name: string;
  first: number; // line number from 0
  count: number;
}

export type Row = { kind: 'line'; line: number; step: number } | { kind: 'step'; step: number };

interface Segment {
  row: number; // of its first row
  rows: number;
  step: number; // -1: lines of no step
  first: number;
  heading: boolean;
}

export class Rows {
  readonly count: number;
  readonly #segments: Segment[] = [];
  readonly #total: number;

  // `steps` in the order of their lines, none overlapping another.
  constructor(total: number, steps: readonly StepLines[], folded: ReadonlySet<number>) {
    this.#total = total;
    let row = 0;
    let line = 0;
    const add = (step: number, first: number, lines: number, heading: boolean): void => {
      const rows = lines + (heading ? 1 : 0);
      if (rows > 0) this.#segments.push({ row, rows, step, first, heading });
      row += rows;
    };
    steps.forEach((step, number) => {
      const first = Math.min(Math.max(step.first, line), total);
      const end = Math.min(Math.max(step.first + step.count, first), total);
      add(-1, line, first - line, false);
      add(number, first, folded.has(number) ? 0 : end - first, true);
      line = end;
    });
    add(-1, line, total - line, false);
    this.count = row;
  }

  at(row: number): Row | null {
    const segment = this.#segment(row, (candidate) => candidate.row);
    if (!segment || row < 0 || row >= this.count) return null;
    const inside = row - segment.row - (segment.heading ? 1 : 0);
    return inside < 0 ? { kind: 'step', step: segment.step } : { kind: 'line', line: segment.first + inside, step: segment.step };
  }

  // The row that shows a line; its step's heading when that is folded.
  ofLine(line: number): number {
    const clamped = Math.max(0, Math.min(line, this.#total - 1));
    const segment = this.#segment(clamped, (candidate) => candidate.first);
    if (!segment) return 0;
    const inside = clamped - segment.first + (segment.heading ? 1 : 0);
    return segment.row + Math.min(inside, segment.rows - 1);
  }

  ofStep(step: number): number {
    return this.#segments.find((segment) => segment.heading && segment.step === step)?.row ?? 0;
  }

  // The rows that are headings.
  headings(): number[] {
    return this.#segments.filter((segment) => segment.heading).map((segment) => segment.row);
  }

  #segment(value: number, key: (segment: Segment) => number): Segment | null {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const segment = this.#segments[middle];
      if (segment && key(segment) <= value) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low] ?? null;
  }
}

export function stepOfLine(steps: readonly StepLines[], line: number): number {
  for (let i = steps.length - 1; i >= 0; i -= 1) {
    const step = steps[i];
    if (step && line >= step.first && line < step.first + step.count) return i;
  }
  return -1;
}
