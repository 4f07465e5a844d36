// Ctrl+K: go to a Worker, a build, a commit, a version, a page; or do something.
import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { api, here, result } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { loadOverview } from '../api/overview.ts';
import { may, signOut } from '../api/session.ts';
import type { BuildSummary, FoundId } from '../api/types.ts';
import { buildPath, deliveryPath, versionPath, workerPath } from '../paths.ts';
import { firstLine, plain, shortCommit, shortId } from '../words/plain.ts';
import { best } from '../words/rank.ts';
import { stateOf } from '../words/state.ts';
import { Dialog } from './dialog.tsx';
import { Icon, type IconName } from './icon.tsx';
import { type Shortcut, shortcuts } from './keys.ts';
import { nextTheme } from './theme.ts';

export const paletteOpen = signal(false);

interface Entry {
  icon: IconName;
  name: string;
  more: string;
  go: string | (() => void);
}

const PAGES: readonly Entry[] = [
  { icon: 'right', name: 'Workers', more: 'page', go: '/' },
  { icon: 'right', name: 'Queue and runners', more: 'page', go: '/queue' },
  { icon: 'right', name: 'Pushes', more: 'why was my push not built?', go: '/pushes' },
  { icon: 'right', name: 'Account', more: 'sessions, tokens, limits', go: '/account' },
  { icon: 'right', name: 'Notices', more: 'webhooks, chats, mail', go: '/account/notices' },
  { icon: 'right', name: 'Source hosts', more: 'GitHub, GitLab, Gitea, Bitbucket', go: '/account/hosts' },
  { icon: 'right', name: 'Audit', more: 'who changed what', go: '/account/audit' },
  { icon: 'plus', name: 'Connect a repository', more: 'to a Worker', go: '/connect' },
  { icon: 'right', name: 'First steps', more: 'connect, push, build', go: '/start' },
  { icon: 'sun', name: 'Change the theme', more: 'action', go: nextTheme },
];

// What the keys of this page do can be done by name too; what goes to a page or a field stands here already.
const ofShortcut = (one: Shortcut): Entry => ({ icon: 'key', name: one.says, more: `action, ${one.key}`, go: () => one.run(new KeyboardEvent('keydown', { key: one.key })) });
const isAction = (one: Shortcut): boolean => !['?', '/', 'h', 'q', 't'].includes(one.key);

const SIGN_OUT: Entry = { icon: 'right', name: 'Sign out', more: 'action', go: () => void signOut() };

const ofBuild = (build: BuildSummary): Entry => ({
  icon: stateOf(build.status, build.build_outcome).sign,
  name: `${build.worker_name} ${plain(build.branch)} ${shortCommit(build.commit_hash)} ${firstLine(build.commit_message)}`,
  more: `build ${shortId(build.build_uuid)}`,
  go: buildPath(build.build_uuid),
});

export function Palette() {
  return paletteOpen.value ? <OpenPalette close={() => { paletteOpen.value = false; }} /> : null;
}

function OpenPalette({ close }: { close: () => void }) {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const { route } = useLocation();
  const overview = useLoad('overview', loadOverview);
  const builds = useLoad('palette builds', () =>
    result(api.GET('/client/v4/accounts/{account_id}/builds/builds/list', { params: { path: here(), query: { limit: 100 } } })));
  const found = useFound(typed.trim());

  const entries = useMemo(() => {
    const workers = (overview.data?.workers ?? []).flatMap((worker): Entry[] => [
      { icon: 'right', name: worker.worker_name, more: 'Worker', go: workerPath(worker.worker_name) },
      { icon: 'right', name: `${worker.worker_name} settings`, more: 'Worker', go: workerPath(worker.worker_name, 'settings') },
      { icon: 'right', name: `${worker.worker_name} pushes`, more: 'Worker', go: workerPath(worker.worker_name, 'pushes') },
      ...(worker.connected && may('ci:write') ? [{ icon: 'run' as const, name: `Build ${worker.worker_name}…`, more: 'action', go: `${workerPath(worker.worker_name)}?build` }] : []),
    ]);
    const listed = (builds.data?.builds ?? []).map(ofBuild);
    return [...found, ...best(typed, [...workers, ...PAGES, ...shortcuts.value.filter(isAction).map(ofShortcut), SIGN_OUT, ...listed], (entry) => entry.name, 12)].slice(0, 12);
  }, [typed, overview.data, builds.data, found]);

  const place = Math.min(chosen, entries.length - 1);
  const take = (entry: Entry | undefined): void => {
    if (!entry) return;
    close();
    if (typeof entry.go === 'string') route(entry.go);
    else entry.go();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen((place + 1) % Math.max(1, entries.length));
    else if (event.key === 'ArrowUp') setChosen((place + entries.length - 1) % Math.max(1, entries.length));
    else if (event.key === 'Enter') take(entries[place]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" close={close} bare>
      <div class="palette">
        <label class="field"><Icon name="search" />
          <input
            type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Go to a Worker, build, commit or page"
            aria-activedescendant={entries.length ? `palette-${place}` : undefined} placeholder="Worker, branch, commit, build or page"
            value={typed} onInput={(event) => { setTyped(event.currentTarget.value); setChosen(0); }} onKeyDown={onKeyDown} autoFocus spellcheck={false}
          />
        </label>
        <ul id="palette-list" role="listbox" aria-label="Found">
          {entries.map((entry, i) => (
            <li key={`${entry.name}${entry.more}`} id={`palette-${i}`} role="option" aria-selected={i === place} onClick={() => take(entry)} onPointerMove={() => setChosen(i)}>
              <Icon name={entry.icon} /><bdi class="name">{entry.name}</bdi><span class="dim">{entry.more}</span>
            </li>
          ))}
        </ul>
        {!entries.length && <p class="dim none">Nothing is called that. Four digits of an id, or seven of a commit, are found as well.</p>}
      </div>
    </Dialog>
  );
}

// What only the server knows: builds of a commit, a build or a version by its id.
function useFound(typed: string): readonly Entry[] {
  const [found, setFound] = useState<readonly Entry[]>([]);
  useEffect(() => {
    let gone = false;
    setFound([]);
    const timer = setTimeout(() => {
      lookUp(typed).then((entries) => { if (!gone) setFound(entries); }, () => undefined);
    }, 150);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [typed]);
  return found;
}

// What has a page of its own, by the beginning of its id.
function ofId({ kind, id, worker_name }: FoundId): Entry[] {
  const name = plain(worker_name ?? '');
  switch (kind) {
    case 'build': return [{ icon: 'run', name: `${name} build ${shortId(id)}`, more: id, go: buildPath(id) }];
    case 'version': return [{ icon: 'right', name: `${name} version ${shortId(id)}`, more: id, go: versionPath(name, id) }];
    case 'delivery': return [{ icon: 'right', name: `push ${shortId(id)}`, more: id, go: deliveryPath(id) }];
    case 'trigger': return [{ icon: 'right', name: `${name} trigger ${shortId(id)}`, more: 'settings', go: workerPath(name, 'settings') }];
    case 'deployment': return [{ icon: 'right', name: `${name} deployment ${shortId(id)}`, more: 'Worker', go: workerPath(name) }];
  }
}

async function lookUp(typed: string): Promise<readonly Entry[]> {
  const id = typed.toLowerCase();
  const digits = id.replaceAll('-', '');
  if (!/^[0-9a-f]{4,64}$/.test(digits)) return [];
  const [ids, builds] = await Promise.all([
    digits.length <= 32 ? result(api.GET('/client/v4/accounts/{account_id}/builds/ids', { params: { path: here(), query: { beginning: digits } } })).then((found) => found.ids) : [],
    digits.length >= 7 && id === digits ? result(api.GET('/client/v4/accounts/{account_id}/builds/builds/list', { params: { path: here(), query: { commit: id, limit: 8 } } })).then((found) => found.builds) : [],
  ]);
  return [...ids.flatMap(ofId), ...builds.map(ofBuild)];
}
