// What a build made and used: versions with their addresses, memory, CPU, caches, tools.
import type { BuildDetail } from '../../api/types.ts';
import { versionPath } from '../../paths.ts';
import { duration } from '../../words/duration.ts';
import { bytes, plain, plural, shortId } from '../../words/plain.ts';
import { Address } from '../worker/previews.tsx';

const KEPT = { saved: 'saved anew', unchanged: 'unchanged', nothing: 'nothing to save', not_saved: 'not saved' } as const;

export function Facts({ detail }: { detail: BuildDetail }) {
  const { usage, caches, tools, versions, summary } = detail;
  const used = [
    usage.memory_peak_bytes !== null && `${bytes(usage.memory_peak_bytes)} memory`,
    usage.cpu_ms !== null && `${duration(usage.cpu_ms)} CPU`,
    usage.written_bytes !== null && `${bytes(usage.written_bytes)} written`,
    usage.build_minutes > 0 && plural(usage.build_minutes, 'build minute'),
  ].filter(Boolean);
  const liveNow = detail.worker_url;
  if (!versions.length && !used.length && !caches.length && !tools.length && !detail.runner_id) return null;
  return (
    <section class="build-facts" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl>
        {versions.map((version) => (
          <div key={version.version_id}><dt>Version</dt><dd>
            <a href={versionPath(summary.worker_name, version.version_id)}>{shortId(version.version_id)}</a>{' '}
            {version.live_percentage > 0 ? <span class="badge good">live, {version.live_percentage} %</span> : <span class="dim">not live</span>}
            {version.live_percentage > 0 && liveNow && <Address url={liveNow} />}
            {version.alias_url && <Address url={version.alias_url} />}
            {version.preview_url && <Address url={version.preview_url} />}
          </dd></div>
        ))}
        {used.length > 0 && <div><dt>Used</dt><dd>{used.join(', ')}</dd></div>}
        {caches.map((cache) => (
          <div key={cache.kind}><dt>{cache.kind === 'dependencies' ? 'Dependency cache' : 'Output cache'}</dt><dd>{cache.restored ? 'restored' : 'not there'}, {KEPT[cache.kept]}{cache.bytes !== null && `, ${bytes(cache.bytes)}`}</dd></div>
        ))}
        {tools.length > 0 && <div><dt>Tools</dt><dd>{tools.map((tool) => `${plain(tool.name)} ${plain(tool.version)}`).join(', ')}</dd></div>}
        {detail.runner_id && <div><dt>Runner</dt><dd>{plain(detail.runner_id)}</dd></div>}
      </dl>
    </section>
  );
}
