// What is different since the last good build: open when this one failed, a line to unfold otherwise.
import type { BuildComparison } from '../../api/types.ts';
import { safeHref } from '../../log/links.ts';
import { Changes } from '../../parts/changes.tsx';
import { Commit } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath } from '../../paths.ts';
import { plural } from '../../words/plain.ts';

// Durations differ in every build; they stand in the waterfall.
const NOISE = new Set(['duration', 'step_duration', 'usage', 'cache']);

export function Different({ compared, outcome }: { compared: BuildComparison; outcome: string | null }) {
  const { other, changes } = compared;
  if (!other) return outcome === 'fail' ? <p class="dim alone">No build of this branch has succeeded before, so that there is nothing to compare it with.</p> : null;
  const commits = safeHref(compared.commits_url);
  const first = changes.filter((change) => !NOISE.has(change.subject));
  const ordered = [...first, ...changes.filter((change) => NOISE.has(change.subject))];
  return (
    <details class="panel different" open={outcome === 'fail' && first.length > 0 && first.length <= 8}>
      <summary>
        {first.length ? `${plural(first.length, 'thing is', 'things are')} different since the last good build` : compared.same_commit ? 'The same commit was built well before' : 'Nothing but durations is different since the last good build'}
      </summary>
      <p>The last good build is <a href={buildPath(other.build_uuid)}><Commit hash={other.commit_hash} /></a>, <When at={other.stopped_on} />{commits && <>; <a href={commits} target="_blank" rel="noopener noreferrer">the commits between</a></>}.</p>
      {ordered.length > 0 && <Changes changes={ordered} from="last good" to="this build" />}
    </details>
  );
}
