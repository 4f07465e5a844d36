// The account's Workers, for pages that need a name's tag or a list to choose from.
import { useLoad } from '../api/load.ts';
import { loadOverview } from '../api/overview.ts';
import type { OverviewWorker } from '../api/types.ts';

const NONE: readonly OverviewWorker[] = [];

export function useWorkers(): readonly OverviewWorker[] {
  const overview = useLoad('overview', loadOverview, (change) => change.kind === 'deployment');
  return overview.data?.workers ?? NONE;
}
