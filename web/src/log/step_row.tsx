// A step's heading among the lines: folds and unfolds it, says how it ended and how long it took.
import type { BuildStep } from '../api/types.ts';
import { Icon } from '../parts/icon.tsx';
import { Lasting } from '../parts/when.tsx';
import { plain, plural } from '../words/plain.ts';
import type { LogModel } from './model.ts';
import { stepTitle } from './steps.ts';

export const STEP_STATES = {
  running: { tone: 'busy', sign: 'run', word: 'running' },
  done: { tone: 'good', sign: 'tick', word: 'done' },
  failed: { tone: 'bad', sign: 'cross', word: 'failed' },
  stopped: { tone: 'warn', sign: 'break', word: 'stopped' },
} as const;

interface Props {
  model: LogModel;
  number: number;
  step: BuildStep;
  isStuck?: boolean; // the copy that stays at the top
}

export function StepRow({ model, number, step, isStuck = false }: Props) {
  void model.version.value; // drawn anew when it counts up
  const isFolded = model.folded.has(number);
  const { tone, sign, word } = STEP_STATES[step.state];
  const lines = model.stepLines[number]?.count ?? 0;
  return (
    <div class={isStuck ? 'step stuck' : 'step'}>
      <button type="button" aria-expanded={!isFolded} onClick={() => model.fold(number, !isFolded)} tabIndex={isStuck ? -1 : 0}>
        <Icon name={isFolded ? 'right' : 'down'} />
        <span class={`state ${tone}`}><Icon name={sign} spins={sign === 'run'} /><span class="unseen">{word}</span></span>
        <strong>{stepTitle(step)}</strong>
        {step.command && <code>{plain(step.command)}</code>}
        {step.exit_code !== null && step.exit_code !== 0 && <span class="state bad">exit {step.exit_code}</span>}
        {step.signal !== null && <span class="state bad">signal {step.signal}</span>}
        <span class="more">{isFolded && <span class="dim">{plural(lines, 'line')}</span>}<Lasting from={step.started_on} to={step.stopped_on} /></span>
      </button>
    </div>
  );
}
