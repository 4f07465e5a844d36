// What is in the second script (later.ts).
export { AccountPage } from './account/account.tsx';
export { AuditPage } from './audit/audit.tsx';
export { ConnectPage } from './connect/connect.tsx';
export { DoctorFindings } from './doctor.tsx';
export { HostsPage } from './hosts.tsx';
export { NoticesPage } from './notices/notices.tsx';
export { PushPage } from './pushes/push.tsx';
export { PushesPage } from './pushes/pushes.tsx';
export { SettingsPage } from './settings/settings.tsx';
export { VersionPage } from './version/version.tsx';
export { WorkerPage } from './worker/worker.tsx';
