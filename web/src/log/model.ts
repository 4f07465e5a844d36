// A log that somebody reads: what is held of it, where the reader is, what is folded, chosen, searched and followed. Elements are the
// view's; this tells it by `version` that something is to be drawn, at most ten times a second for what comes by itself.
import { signal } from '@preact/signals';
import { asApiError, type ApiError } from '../api/errors.ts';
import type { BuildStep, LogMarks } from '../api/types.ts';
import { type Following, follow } from './follow.ts';
import { Geometry } from './geometry.ts';
import { HeldLines, PAGE } from './held_lines.ts';
import type { Line } from './line.ts';
import type { LineRange } from './line_range.ts';
import { type StepLines, stepOfLine } from './rows.ts';
import type { Found, LogSource } from './source.ts';
import { foldedAtFirst, linesOfSteps, stepTitle, withStep } from './steps.ts';

const PAINT = 100; // at most ten times a second
const COUNT_SPOKEN = 10_000;
const MOST_ASKED = 2;

export class LogModel {
  readonly version = signal(0);
  readonly spoken = signal('');
  onEnd: () => void = () => undefined; // the build has stopped while it was read
  onStep: () => void = () => undefined; // one of its steps began or ended
  readonly held = new HeldLines();
  readonly place = new Geometry();
  steps: readonly BuildStep[] = [];
  stepLines: readonly StepLines[] = [];
  errors: ReadonlyArray<{ line: number; text: string }> = [];
  errorCount = 0;
  isComplete = false;
  isReady = false;
  waitsFor: string | null = null;
  problem: ApiError | null = null;
  chosen: LineRange | null = null; // from 1
  following: Following = { on: false, missed: 0 };
  found: Found | null = null;
  foundAt = -1;
  folded: ReadonlySet<number> = new Set();

  readonly #source: LogSource;
  #asked = new Set<number>();
  #stop: (() => void) | null = null;
  #came: Array<{ first: number; lines: Line[]; total: number }> = [];
  #painting: ReturnType<typeof setTimeout> | undefined;
  #painted = 0;
  #counted = 0;
  #counting: ReturnType<typeof setInterval> | undefined;
  #isOver = false;

  constructor(source: LogSource) {
    this.#source = source;
  }

  get total(): number {
    return this.held.total;
  }

  // Reads where to begin, and begins there: at the lines of the address, at the first error, or at the end.
  async open(range: LineRange | null): Promise<void> {
    try {
      const marks = await this.#source.marks();
      if (this.#isOver) return;
      this.#take(marks);
      this.folded = foldedAtFirst(this.steps, this.isComplete);
      this.isReady = true;
      this.arrange();
      if (range && range.first <= Math.max(1, this.total)) this.choose(range, true);
      else if (marks.first_error !== null) this.showLine(marks.first_error - 1, true);
      else this.place.goToEnd();
      if (!this.isComplete) {
        this.following = { on: !range, missed: 0 };
        this.#follow();
      }
      this.problem = null;
      const sight = this.place.inSight();
      const lines = [sight.first, sight.last].map((row) => this.place.rows.at(row)).map((row) => (row?.kind === 'line' ? row.line : this.topLine()));
      this.need(Math.min(...lines), Math.max(...lines));
    } catch (problem) {
      this.problem = asApiError(problem);
    }
    this.draw();
  }

  close(): void {
    this.#isOver = true;
    this.#stop?.();
    clearTimeout(this.#painting);
    clearInterval(this.#counting);
  }

  draw(): void {
    this.version.value += 1;
  }

  arrange(): void {
    this.stepLines = linesOfSteps(this.steps, this.total);
    this.place.arrange(this.total, this.stepLines, this.folded);
    if (this.following.on) this.place.goToEnd();
  }

  // --- folds ---
  fold(step: number, isFolded: boolean): void {
    const folded = new Set(this.folded);
    if (isFolded) folded.add(step);
    else folded.delete(step);
    this.folded = folded;
    this.following = { on: false, missed: 0 };
    this.arrange();
    this.draw();
  }

  foldAll(isFolded: boolean): void {
    this.folded = isFolded ? new Set(this.steps.keys()) : new Set();
    this.following = { on: false, missed: 0 };
    this.arrange();
    this.draw();
  }

  // --- where the reader is ---
  showLine(line: number, always = false): void {
    const step = stepOfLine(this.stepLines, line);
    if (this.folded.has(step)) this.fold(step, false);
    this.following = { on: false, missed: 0 };
    this.place.goToLine(line, always);
    this.draw();
  }

  choose(range: LineRange, andShow = false): void {
    this.chosen = range;
    if (andShow) this.showLine(range.first - 1, true);
    else this.draw();
  }

  scrolled(bar: number): void {
    const before = this.place.offset;
    if (bar === this.place.bar) return;
    this.place.moved(bar);
    if (!this.isComplete) {
      this.following = follow(this.following, { kind: 'scrolled', up: this.place.offset < before, atEnd: this.place.atEnd });
    }
    this.draw();
  }

  selected(): void {
    const before = this.following;
    this.following = follow(before, { kind: 'selected' });
    if (before !== this.following) this.draw();
  }

  followNow(): void {
    this.following = this.isComplete ? { on: false, missed: 0 } : follow(this.following, { kind: 'asked' });
    this.place.goToEnd();
    this.draw();
  }

  // The error after or before where the reader is; null when there is none.
  nextError(forward: boolean): number | null {
    const from = this.chosen?.first ?? this.topLine() + 1;
    const lines = this.errors.map((error) => error.line);
    const next = forward ? lines.find((line) => line > from) ?? lines[0] : lines.findLast((line) => line < from) ?? lines.at(-1);
    if (next === undefined) return null;
    this.choose({ first: next, last: next }, true);
    return next;
  }

  topLine(): number {
    const row = this.place.topRow();
    if (!row) return 0;
    return row.kind === 'line' ? row.line : this.stepLines[row.step]?.first ?? 0;
  }

  // --- search ---
  async search(words: string, exactCase: boolean): Promise<void> {
    if (!words) {
      this.found = null;
      this.foundAt = -1;
      this.draw();
      return;
    }
    try {
      const found = await this.#source.search(words, exactCase);
      this.found = found;
      const top = this.topLine();
      const at = found.lines.findIndex((line) => line >= top);
      this.foundAt = found.lines.length ? Math.max(0, at) : -1;
      this.#showFound();
    } catch (problem) {
      this.problem = asApiError(problem);
    }
    this.draw();
  }

  nextFound(forward: boolean): void {
    const count = this.found?.lines.length ?? 0;
    if (!count) return;
    this.foundAt = (this.foundAt + (forward ? 1 : count - 1)) % count;
    this.#showFound();
  }

  #showFound(): void {
    const line = this.found?.lines[this.foundAt];
    if (line !== undefined) this.showLine(line);
  }

  // --- lines ---
  // Asks for what is in sight and not here, and for a little around it.
  need(first: number, last: number): void {
    for (const page of this.held.missing(first, last)) {
      if (this.#asked.size >= MOST_ASKED) return;
      if (!this.#asked.has(page)) void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    this.#asked.add(page);
    try {
      const from = page * PAGE + this.held.heldIn(page);
      const window = await this.#source.lines(from, PAGE - this.held.heldIn(page));
      const before = this.total;
      this.held.put(window.first, window.lines);
      this.held.setTotal(window.total);
      if (this.total !== before) this.arrange();
      this.problem = null;
    } catch (problem) {
      this.problem = asApiError(problem);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    this.#asked.delete(page);
    if (!this.#isOver) this.draw();
  }

  #take(marks: LogMarks): void {
    this.held.setTotal(marks.total);
    this.steps = marks.steps;
    this.errors = marks.errors;
    this.errorCount = marks.error_count;
    this.isComplete = marks.complete;
  }

  // --- live ---
  #follow(): void {
    this.#stop = this.#source.follow(this.total, {
      lines: (first, lines, total) => {
        this.#came.push({ first, lines, total });
        this.#paintSoon();
      },
      step: (step) => {
        this.steps = withStep(this.steps, step);
        this.spoken.value = `${stepTitle(step)}: ${step.state}`;
        this.onStep();
        this.#paintSoon();
      },
      waiting: (reason) => {
        this.waitsFor = reason;
        this.#paintSoon();
      },
      end: () => void this.#end(),
      broken: () => void this.#end(),
    });
    this.#counting = setInterval(() => {
      if (this.#counted) this.spoken.value = `${this.#counted} new lines`;
      this.#counted = 0;
    }, COUNT_SPOKEN);
  }

  // At once after a pause: whoever waits for a line sees it as it comes.
  #paintSoon(): void {
    this.#painting ??= setTimeout(() => {
      this.#painting = undefined;
      this.#paint();
    }, Math.max(0, this.#painted + PAINT - performance.now()));
  }

  #paint(): void {
    this.#painted = performance.now();
    const before = this.total;
    for (const { first, lines, total } of this.#came) {
      this.held.put(first, lines);
      this.held.setTotal(total);
    }
    this.#came = [];
    const more = this.total - before;
    if (more > 0) {
      this.#counted += more;
      this.following = follow(this.following, { kind: 'came', lines: more });
    }
    this.arrange();
    this.draw();
  }

  async #end(): Promise<void> {
    this.#paint();
    clearInterval(this.#counting);
    this.isComplete = true;
    const wasFollowing = this.following.on;
    this.following = { on: false, missed: 0 };
    this.spoken.value = 'The build has ended';
    this.onEnd();
    try {
      const marks = await this.#source.marks();
      this.#take({ ...marks, complete: true });
      this.arrange();
      if (wasFollowing && marks.first_error !== null) this.showLine(marks.first_error - 1, true);
      else if (wasFollowing) this.place.goToEnd();
    } catch {
      this.arrange(); // the lines are here; the marks come with the next visit
    }
    this.draw();
  }
}
