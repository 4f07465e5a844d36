// One version: the build that made it, what is in it, how it differs from what is live; promote, split, roll back.
import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { FlatVersion } from '../../api/types.ts';
import { isWorker } from '../../live/changes.ts';
import { Changes } from '../../parts/changes.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { Heading } from '../../parts/heading.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { Branch, Commit, Subject } from '../../parts/what.tsx';
import { When } from '../../parts/when.tsx';
import { buildPath, versionPath, workerPath } from '../../paths.ts';
import { duration } from '../../words/duration.ts';
import { bytes, plain, plural, shortId } from '../../words/plain.ts';
import { useWorkers } from '../use_workers.ts';
import { Address } from '../worker/previews.tsx';
import { Deploy } from './deploy.tsx';

export function VersionPage() {
  const { params } = useRoute();
  const name = params['name'] ?? '';
  const id = params['id'] ?? '';
  const worker = useWorkers().find((one) => one.worker_name === name);
  const path = { ...here(), script_name: name, version_id: id };
  const version = useLoad(`version ${name} ${id}`, () => result(api.GET('/client/v4/accounts/{account_id}/workers/workers/{script_name}/versions/{version_id}', { params: { path, query: { include: 'parts' } } })));
  const made = useLoad(`made ${id}`, async () => (await result(api.GET('/client/v4/accounts/{account_id}/builds/builds', { params: { path: here(), query: { version_ids: id } } }))).builds[id] ?? null);
  const different = useLoad(`compare version ${name} ${id}`, () => result(api.GET('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/versions/{version_id}/compare', { params: { path, query: { to: 'live' } } })),
    (change) => Boolean(worker && change.kind === 'deployment' && isWorker(change, worker.script_tag)));
  const [deploying, setDeploying] = useState(false);
  const share = worker?.live.find((one) => one.version_id === id)?.percentage ?? 0;
  const liveNewer = worker?.live.some((one) => version.data && Date.parse(one.deployed_on) > Date.parse(version.data.created_on)) ?? false;
  const word = share > 0 ? 'Change its share…' : liveNewer ? 'Roll back to it…' : 'Promote…';
  const title = `Version ${shortId(id)}`;
  return (
    <>
      <Heading title={`${title} of ${name}`} above={<><a href="/">Workers</a> <a href={workerPath(name)}>{name}</a></>}
        actions={version.data && may('scripts:write') && share < 100 && <button type="button" class="main" onClick={() => setDeploying(true)}>{word}</button>}>
        {title} {share > 0 && <span class="badge good">live, {share} %</span>}
      </Heading>
      {version.problem && <Problem problem={version.problem} retry={version.reload} />}
      {!version.data && !version.problem && <Waiting />}
      {version.data && (
        <>
          <dl class="facts">
            <div><dt>Made by</dt><dd>{made.data
              ? <><a href={buildPath(made.data.build_uuid)}><Subject message={made.data.build_trigger_metadata.commit_message} /></a> <Branch name={made.data.build_trigger_metadata.branch} /> <Commit hash={made.data.build_trigger_metadata.commit_hash} /></>
              : made.problem ? made.problem.message : <span>uploaded by hand</span>}</dd></div>
            <div><dt>Id</dt><dd><code>{id}</code> <CopyButton text={id} what="the version’s id" /></dd></div>
            <div><dt>Uploaded</dt><dd><When at={version.data.created_on} /> <span class="dim">by {plain(version.data.source)}, no. {version.data.number}</span></dd></div>
            <div><dt>Starts in</dt><dd>{version.data.startup_time_ms ? duration(version.data.startup_time_ms) : <span class="dim">not measured</span>}</dd></div>
            <div><dt>Addresses</dt><dd>{version.data.urls.length ? version.data.urls.map((url) => <Address key={url} url={url} />) : <span class="dim">none of its own</span>}</dd></div>
          </dl>
          <Difference different={different} share={share} worker={name} />
          <Contents version={version.data} />
        </>
      )}
      {deploying && worker && <Deploy worker={worker} versionId={id} word={word} secrets={different.data?.secrets ?? null} close={() => setDeploying(false)} />}
    </>
  );
}

function Difference({ different, share, worker }: { different: ReturnType<typeof useLoad<import('../../api/types.ts').VersionComparison>>; share: number; worker: string }) {
  if (share === 100) return null;
  const other = different.data?.other_version_ids[0];
  return (
    <section aria-labelledby="difference">
      <h2 id="difference">Different from what is live {other && <a class="count" href={versionPath(worker, other)}>{shortId(other)}</a>}</h2>
      {different.problem && <Problem problem={different.problem} retry={different.reload} />}
      {different.data && (different.data.changes.length ? <Changes changes={different.data.changes} from="live" to="this version" /> : <Empty>{other ? 'Nothing is different.' : 'Nothing is live to compare it with.'}</Empty>)}
    </section>
  );
}

function Contents({ version }: { version: FlatVersion }) {
  const modules = version.parts?.modules ?? [];
  return (
    <div class="columns">
      <section aria-labelledby="modules"><h2 id="modules">Modules</h2>
        <table class="list"><thead><tr><th scope="col">Module</th><th scope="col">Type</th><th scope="col" class="end">Size</th></tr></thead>
          <tbody>{modules.map((module) => (
            <tr key={module.name}><th scope="row"><bdi>{plain(module.name)}</bdi>{module.name === version.main_module && <span class="dim"> main</span>}</th><td class="dim">{module.content_type}</td><td class="end number">{bytes(module.size)}</td></tr>
          ))}</tbody></table>
        <p class="dim">compatible with {version.compatibility_date}{version.compatibility_flags.length > 0 && <>; {version.compatibility_flags.join(', ')}</>}</p>
      </section>
      <section aria-labelledby="bindings"><h2 id="bindings">Bindings</h2>
        {version.bindings.length ? (
          <table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Type</th></tr></thead>
            <tbody>{version.bindings.map((binding) => <tr key={binding.name}><th scope="row"><bdi>{plain(binding.name)}</bdi></th><td class="dim">{binding.type.replaceAll('_', ' ')}</td></tr>)}</tbody></table>
        ) : <Empty>It has none.</Empty>}
        <Assets files={version.parts?.assets ?? []} />
      </section>
    </div>
  );
}

const MOST_SHOWN = 200;

function Assets({ files }: { files: ReadonlyArray<{ path: string; size: number }> }) {
  if (!files.length) return null;
  return (
    <details class="alone"><summary><strong>Assets</strong> <span class="count">{plural(files.length, 'file')}, {bytes(files.reduce((sum, file) => sum + file.size, 0))}</span></summary>
      <table class="list"><thead><tr><th scope="col">File</th><th scope="col" class="end">Size</th></tr></thead>
        <tbody>{files.slice(0, MOST_SHOWN).map((file) => <tr key={file.path}><th scope="row"><bdi>{plain(file.path)}</bdi></th><td class="end number">{bytes(file.size)}</td></tr>)}</tbody></table>
      {files.length > MOST_SHOWN && <p class="dim">and {plural(files.length - MOST_SHOWN, 'more file', 'more files')}</p>}
    </details>
  );
}
