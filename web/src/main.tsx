// Where the page begins.
import { render } from 'preact';
import { takeAnswer } from './api/provider.ts';
import { lookUpSession } from './api/session.ts';
import { App } from './app.tsx';
import { followAccount } from './live/changes.ts';
import { startClock } from './parts/clock.ts';
import { startKeys } from './parts/keys.ts';
import { startTheme } from './parts/theme.ts';
import { startTitle } from './parts/title.ts';
import { takeCode } from './pages/sign_in.tsx';

startTheme();
startTitle();
startClock();
startKeys();
followAccount();
takeCode();
window.addEventListener('hashchange', takeCode);
if (!takeAnswer()) void lookUpSession();

const place = document.getElementById('page');
if (place) render(<App />, place);
