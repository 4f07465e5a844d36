// What was built: branch, commit and message. Strangers wrote them, so each stands apart from what is around it.
import { firstLine, plain, shortCommit } from '../words/plain.ts';
import { Icon } from './icon.tsx';

export function Branch({ name }: { name: string }) {
  return <span class="branch" title={plain(name)}><Icon name="branch" /><bdi>{plain(name)}</bdi></span>;
}

export function Commit({ hash }: { hash: string }) {
  return hash ? <code class="commit" title={hash}>{shortCommit(hash)}</code> : null;
}

export function Subject({ message }: { message: string }) {
  return <bdi class="subject" title={plain(message)}>{firstLine(message) || 'no message'}</bdi>;
}

export function Who({ name }: { name: string }) {
  return name ? <bdi class="who">{plain(name)}</bdi> : null;
}
