// What is filled in to connect a repository, and what the server is asked for then. Pure.
import type { ConnectWish } from '../../api/types.ts';

export type Place = 'web' | 'ssh' | 'path' | null;

export interface WishDraft {
  url: string;
  worker: string;
  provider: string;
  token: string;
  deployKey: boolean;
  knownHost: string;
  poll: string; // seconds; '0': never
  buildFirst: boolean;
  branch: string;
  build: string;
  deploy: string;
  previewDeploy: string;
  root: string;
  previews: boolean;
  forks: string;
  second: boolean;
}

export const newWish = (worker: string): WishDraft => ({
  url: '', worker, provider: '', token: '', deployKey: true, knownHost: '', poll: '0', buildFirst: true, branch: '', build: '', deploy: '',
  previewDeploy: '', root: '', previews: true, forks: '', second: false,
});

export const PROVIDERS = [['', 'as its address says'], ['github', 'GitHub'], ['gitlab', 'GitLab'], ['gitea', 'Gitea or Forgejo'], ['bitbucket', 'Bitbucket'], ['git', 'plain git']] as const;
export const POLLS = [['0', 'by its hook alone'], ['60', 'by asking every minute'], ['300', 'by asking every 5 minutes'], ['3600', 'by asking every hour']] as const;
export const FORKS = [['', 'not built'], ['approve', 'built without secrets, each once it was approved'], ['without_secrets', 'built without secrets'], ['with_secrets', 'built with secrets']] as const;

export function placeOf(url: string): Place {
  const text = url.trim();
  if (/^https?:\/\//i.test(text)) return 'web';
  if (text.startsWith('/')) return 'path';
  return /^ssh:\/\//i.test(text) || /^[^\s/:]+:[^\s]/.test(text) || /^[^\s/@]+@\[/.test(text) ? 'ssh' : null;
}

// Only what was filled in, and of that what the place has: everything else stays as it is, or becomes the server's default.
export function wishOf(draft: WishDraft): ConnectWish {
  const place = placeOf(draft.url);
  const seconds = Number(draft.poll);
  const texts = { worker: draft.worker, branch: draft.branch, build_command: draft.build, deploy_command: draft.deploy, preview_deploy_command: draft.previewDeploy, root_directory: draft.root, provider: draft.provider, fork_pull_requests: draft.forks };
  const given = Object.fromEntries(Object.entries(texts).map(([field, text]) => [field, text.trim()] as const).filter(([, text]) => text));
  return {
    repo_url: draft.url.trim(),
    ...given as Partial<ConnectWish>,
    ...(place === 'web' && draft.token ? { token: draft.token } : {}),
    ...(place === 'ssh' && draft.deployKey ? { deploy_key: true } : {}),
    ...(place === 'ssh' && draft.knownHost.trim() ? { known_host: draft.knownHost.trim() } : {}),
    ...(seconds > 0 ? { poll_seconds: seconds, build_first: draft.buildFirst } : {}),
    ...(draft.previews ? {} : { previews: false }),
    ...(draft.second ? { second_repository: true } : {}),
  };
}
