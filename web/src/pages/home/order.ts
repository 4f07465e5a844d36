// Which Workers are shown, and in which order: trouble first, then what moves, then by name. Pure.
import type { OverviewWorker } from '../../api/types.ts';
import type { TabState } from '../../parts/title.ts';
import { stateOf, urgency } from '../../words/state.ts';

const stateOfWorker = (worker: OverviewWorker) =>
  worker.latest_build ? stateOf(worker.latest_build.status, worker.latest_build.build_outcome) : null;

export function inOrder(workers: readonly OverviewWorker[], filter: string): OverviewWorker[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return workers
    .filter((worker) => {
      const build = worker.latest_build;
      const text = [worker.worker_name, build?.branch, build?.author, build?.commit_message, build?.commit_hash, stateOfWorker(worker)?.word]
        .join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => urgency(stateOfWorker(a)) - urgency(stateOfWorker(b)) || a.worker_name.localeCompare(b.worker_name));
}

export function tabState(workers: readonly OverviewWorker[]): TabState {
  const tones = workers.map((worker) => stateOfWorker(worker)?.tone);
  if (tones.includes('bad') || tones.includes('warn')) return 'failed';
  return tones.includes('busy') ? 'running' : 'idle';
}
