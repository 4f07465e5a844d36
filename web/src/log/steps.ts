// Steps of a build as parts of its log. Pure.
import type { BuildStep } from '../api/types.ts';
import type { StepLines } from './rows.ts';

export const STEP_NAMES: Record<BuildStep['step'], string> = {
  initialize: 'Start the sandbox', clone: 'Check out', restore: 'Restore caches', tools: 'Find tools', install: 'Install', build: 'Build',
  deploy: 'Deploy', save: 'Keep caches',
};

export function stepTitle(step: BuildStep): string {
  return step.attempt > 1 ? `${STEP_NAMES[step.step]} (attempt ${step.attempt})` : STEP_NAMES[step.step];
}

// Each step's lines reach to the next one's first.
export function linesOfSteps(steps: readonly BuildStep[], total: number): StepLines[] {
  return steps.map((step, i) => {
    const first = Math.min(step.first_line - 1, total);
    const next = steps[i + 1];
    const end = next ? Math.min(Math.max(next.first_line - 1, first), total) : total;
    return { name: stepTitle(step), first, count: end - first };
  });
}

// What is folded at the start: of a failed build what went well, of a good one what nobody asks for; of one that runs nothing.
export function foldedAtFirst(steps: readonly BuildStep[], isComplete: boolean): Set<number> {
  if (!isComplete) return new Set();
  const isFailed = steps.some((step) => step.state === 'failed' || step.state === 'stopped');
  const folded = new Set<number>();
  steps.forEach((step, i) => {
    const isKept = isFailed ? step.state !== 'done' : step.step === 'build' || step.step === 'deploy';
    if (!isKept) folded.add(i);
  });
  return folded;
}

// A step that began or ended, among those that are known.
export function withStep(steps: readonly BuildStep[], news: BuildStep): BuildStep[] {
  const at = steps.findIndex((step) => step.step === news.step && step.attempt === news.attempt);
  return at < 0 ? [...steps, news] : steps.map((step, i) => (i === at ? news : step));
}
