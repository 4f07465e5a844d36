// Which page an address means, and who may see it.
import { ErrorBoundary, LocationProvider, Route, Router } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { account, session } from './api/session.ts';
import { fetchRestWhenIdle, later } from './later.ts';
import { Problem } from './parts/problem.tsx';
import { Shell } from './parts/shell.tsx';
import { BuildPage } from './pages/build/build.tsx';
import { FirstRun } from './pages/first_run.tsx';
import { Home } from './pages/home/home.tsx';
import { NotFound } from './pages/not_found.tsx';
import { QueuePage } from './pages/queue.tsx';
import { bringsCode, OtherSignIn, SignIn } from './pages/sign_in.tsx';
import { lookUpSession } from './api/session.ts';

const AccountPage = later((rest) => rest.AccountPage);
const AuditPage = later((rest) => rest.AuditPage);
const ConnectPage = later((rest) => rest.ConnectPage);
const HostsPage = later((rest) => rest.HostsPage);
const NoticesPage = later((rest) => rest.NoticesPage);
const PushPage = later((rest) => rest.PushPage);
const PushesPage = later((rest) => rest.PushesPage);
const SettingsPage = later((rest) => rest.SettingsPage);
const VersionPage = later((rest) => rest.VersionPage);
const WorkerPage = later((rest) => rest.WorkerPage);

export function App() {
  return <LocationProvider><Gate /></LocationProvider>;
}

function Gate() {
  const state = session.value;
  switch (state.kind) {
    case 'asking': return null;
    case 'fault': return <main id="main"><Problem problem={state.problem} retry={() => void lookUpSession()} /></main>;
    case 'out': return <SignIn />;
    case 'in':
      if (bringsCode()) return <OtherSignIn name={state.who.session.name} />;
      return <Shell><ErrorBoundary key={account.value}><Pages /></ErrorBoundary></Shell>;
  }
}

function Pages() {
  useEffect(fetchRestWhenIdle, []);
  return (
    <Router>
      <Route path="/" component={Home} />
      <Route path="/login" component={Home} />
      <Route path="/start" component={FirstRun} />
      <Route path="/connect" component={ConnectPage} />
      <Route path="/queue" component={QueuePage} />
      <Route path="/pushes" component={PushesPage} />
      <Route path="/pushes/:id" component={PushPage} />
      <Route path="/account" component={AccountPage} />
      <Route path="/account/audit" component={AuditPage} />
      <Route path="/account/notices" component={NoticesPage} />
      <Route path="/account/hosts" component={HostsPage} />
      <Route path="/builds/:id" component={BuildPage} />
      <Route path="/workers/:name" component={WorkerPage} />
      <Route path="/workers/:name/pushes" component={PushesPage} />
      <Route path="/workers/:name/settings" component={SettingsPage} />
      <Route path="/workers/:name/versions/:id" component={VersionPage} />
      <Route default component={NotFound} />
    </Router>
  );
}
