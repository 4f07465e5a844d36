// Where a build's time went, as bars: waiting, then each step, with the last good build's behind them. Pure.
import type { BuildDetail, BuildStep } from '../../api/types.ts';
import { stepTitle } from '../../log/steps.ts';

export interface Bar {
  name: string;
  state: BuildStep['state'] | 'waiting';
  from: number; // milliseconds since the build was made
  to: number;
  ghost: number | null; // how long it took in the last good build
}

export interface Bars {
  bars: Bar[];
  end: number; // of the axis, in milliseconds
  expected: number | null; // since the build was made
}

export function barsOf(detail: BuildDetail, lastGood: BuildDetail | null, now: number): Bars {
  const made = Date.parse(detail.summary.created_on);
  const attempt = Math.max(0, ...detail.steps.map((step) => step.attempt));
  const steps = detail.steps.filter((step) => step.attempt === attempt);
  const first = steps[0] ? Date.parse(steps[0].started_on) : null;
  const stopped = detail.summary.stopped_on ? Date.parse(detail.summary.stopped_on) : now;
  const bars: Bar[] = [];
  const waited = (first ?? stopped) - made;
  if (waited > 400 || !first) bars.push({ name: 'Wait', state: 'waiting', from: 0, to: Math.max(0, waited), ghost: lastGood ? lastGood.queued_ms : null });
  for (const step of steps) {
    const from = Date.parse(step.started_on) - made;
    bars.push({ name: stepTitle({ ...step, attempt: 1 }), state: step.state, from, to: Math.max(from, (step.stopped_on ? Date.parse(step.stopped_on) : stopped) - made), ghost: ghostOf(step, lastGood) });
  }
  const started = detail.summary.started_on ? Date.parse(detail.summary.started_on) - made : null;
  const isRunning = detail.summary.status !== 'stopped';
  const expected = isRunning && started !== null && detail.expected_ms !== null ? started + detail.expected_ms : null;
  const reaches = bars.map((bar) => Math.max(bar.to, bar.from + (bar.ghost ?? 0)));
  return { bars, end: Math.max(1000, expected ?? 0, ...reaches), expected };
}

function ghostOf(step: BuildStep, lastGood: BuildDetail | null): number | null {
  const same = lastGood?.steps.findLast((one) => one.step === step.step);
  return same?.stopped_on ? Date.parse(same.stopped_on) - Date.parse(same.started_on) : null;
}
