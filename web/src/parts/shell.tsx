// What stands around every page: the bar above, the banner when the server is away, notices, and the palette.
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { forgetEverything } from '../api/load.ts';
import { account, chooseAccount, session, signOut } from '../api/session.ts';
import { connection } from '../live/connection.ts';
import { tryNow } from '../live/streams.ts';
import { plain } from '../words/plain.ts';
import { Icon } from './icon.tsx';
import { useShortcuts } from './keys.ts';
import { Menu } from './menu.tsx';
import { Notices } from './notices.tsx';
import { Palette, paletteOpen } from './palette.tsx';
import { ShortcutsHelp, helpOpen } from './shortcuts_help.tsx';
import { nextTheme, theme } from './theme.ts';

const PAGES = [['/', 'Workers'], ['/queue', 'Queue'], ['/pushes', 'Pushes']] as const;
const THEME_ICONS = { system: 'screen', light: 'sun', dark: 'moon' } as const;

export function Shell({ children }: { children: ComponentChildren }) {
  const { path, route } = useLocation();
  useShortcuts([
    { key: '?', says: 'This list', run: () => { helpOpen.value = true; } },
    { key: 'h', says: 'Workers', run: () => route('/') },
    { key: 'q', says: 'Queue and runners', run: () => route('/queue') },
    { key: 't', says: 'Change the theme', run: nextTheme },
  ], [route]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        paletteOpen.value = !paletteOpen.value;
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  const isAt = (to: string): boolean => (to === '/' ? path === '/' || path.startsWith('/workers') || path.startsWith('/builds') : path.startsWith(to));
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.querySelector<HTMLElement>('#main')?.focus(); }}>Skip to the content</a>
      <header class="bar">
        <a class="mark" href="/" aria-label="Kiln, home">
          <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true"><path d="M5 30V15a11 11 0 0 1 22 0v15h-7v-8a4 4 0 0 0-8 0v8z" /></svg>
          <span>Kiln</span>
        </a>
        <nav aria-label="Pages">
          {PAGES.map(([to, name]) => <a key={to} href={to} aria-current={isAt(to) ? 'page' : undefined}>{name}</a>)}
        </nav>
        <button type="button" class="finder" onClick={() => { paletteOpen.value = true; }} aria-label="Go to… Ctrl K">
          <Icon name="search" /><span>Go to…</span><kbd>Ctrl K</kbd>
        </button>
        <button type="button" class="quiet" onClick={nextTheme} aria-label={`Theme: ${theme.value}`} title={`Theme: ${theme.value}`}>
          <Icon name={THEME_ICONS[theme.value]} />
        </button>
        <AccountMenu />
      </header>
      {connection.value === 'down' && (
        <div class="banner" role="alert">
          <Icon name="break" /> <span>Kiln does not answer. What you see may be old; the page tries again by itself.</span>
          <button type="button" onClick={tryNow}>Try now</button>
        </div>
      )}
      <NearDomain />
      <main id="main" tabIndex={-1}>{children}</main>
      <Palette />
      <ShortcutsHelp />
      <Notices />
    </>
  );
}

function AccountMenu() {
  const state = session.value;
  if (state.kind !== 'in') return null;
  const { accounts } = state.who;
  const current = accounts.find((one) => one.id === account.value);
  return (
    <Menu label={<><span class="account-name">{plain(current?.name ?? 'account')}</span><Icon name="down" /></>}>
      {accounts.length > 1 && accounts.map((one) => (
        <button type="button" key={one.id} aria-pressed={one.id === account.value} onClick={() => { forgetEverything(); chooseAccount(one.id); }}>{plain(one.name)}</button>
      ))}
      {accounts.length > 1 && <hr />}
      <a href="/account">Account</a>
      <a href="/account/notices">Notices</a>
      <a href="/account/hosts">Source hosts</a>
      {state.who.session.is_admin && <a href="/account/audit">Audit</a>}
      <a href="/start">First steps</a>
      <button type="button" onClick={() => { helpOpen.value = true; }}>Keys</button>
      <hr />
      <button type="button" onClick={() => void signOut().then(forgetEverything)}>Sign out</button>
      <p class="dim">signed in as {plain(state.who.session.name)}<br />Kiln {state.who.version}</p>
    </Menu>
  );
}

function NearDomain() {
  const state = session.value;
  if (state.kind !== 'in') return null;
  if (state.who.plain_http) return <p class="banner quiet" role="note">This page came without TLS from another machine: who listens on the way can read it and act as you.</p>;
  return null;
}
