// Each trigger's verdict with the rule that decided.
import type { Verdict } from '../../api/types.ts';
import { Icon } from '../../parts/icon.tsx';
import { Branch } from '../../parts/what.tsx';
import { buildPath, workerPath } from '../../paths.ts';
import { plain } from '../../words/plain.ts';
import type { Summary } from './summary.ts';

export const DECISIONS = {
  built: { tone: 'good', sign: 'tick', word: 'built' },
  skipped: { tone: 'warn', sign: 'skip', word: 'skipped' },
  passed_over: { tone: 'quiet', sign: 'stop', word: 'passed over' },
  refused: { tone: 'bad', sign: 'cross', word: 'refused' },
  none: { tone: 'quiet', sign: 'stop', word: 'not built' },
} as const;

export function DecisionSign({ decision, ahead = false }: { decision: Summary['decision']; ahead?: boolean }) {
  const { tone, sign, word } = DECISIONS[decision];
  return <span class={`state ${tone}`}><Icon name={sign} /><span>{ahead && decision === 'built' ? 'would be built' : word}</span></span>;
}

interface Props {
  verdicts: readonly Verdict[];
  ahead?: boolean; // of a push that nobody made
  act?: (verdict: Verdict) => preact.ComponentChildren;
}

export function Verdicts({ verdicts, ahead = false, act }: Props) {
  return (
    <table class="list">
      <thead><tr><th scope="col">Verdict</th><th scope="col">Worker and trigger</th><th scope="col">Branch</th><th scope="col">Because</th>{act && <th scope="col" class="end"><span class="unseen">Act</span></th>}</tr></thead>
      <tbody>{verdicts.map((verdict) => (
        <tr key={`${verdict.trigger_uuid} ${verdict.branch}`}>
          <td><DecisionSign decision={verdict.decision} ahead={ahead} /></td>
          <td><a href={workerPath(verdict.worker_name)}>{verdict.worker_name}</a> <bdi class="dim">{plain(verdict.trigger_name)}</bdi></td>
          <td><Branch name={verdict.branch} /></td>
          <td><bdi>{plain(verdict.rule)}</bdi>{verdict.build_uuid && <> <a href={buildPath(verdict.build_uuid)}>The build</a></>}</td>
          {act && <td class="end">{act(verdict)}</td>}
        </tr>
      ))}</tbody>
    </table>
  );
}
