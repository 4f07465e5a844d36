// Differences, one a row: what, from, to.
import type { Change } from '../api/types.ts';
import { plain } from '../words/plain.ts';

export function Changes({ changes, from, to }: { changes: readonly Change[]; from: string; to: string }) {
  return (
    <table class="list changes">
      <thead><tr><th scope="col">What</th><th scope="col">{from}</th><th scope="col">{to}</th></tr></thead>
      <tbody>{changes.map((change) => (
        <tr key={`${change.subject} ${change.name ?? ''}`}>
          <th scope="row">{change.subject.replaceAll('_', ' ')} {change.name !== null && <bdi class="dim">{plain(change.name)}</bdi>}</th>
          <Side text={change.from} without={isHidden(change) ? 'a value' : 'none'} /><Side text={change.to} without={isHidden(change) ? 'another value' : 'none'} />
        </tr>
      ))}</tbody>
    </table>
  );
}

const HASH = /^[0-9a-f]{40,64}$/;

// Values of variables are told to nobody.
const isHidden = (change: Change): boolean => change.subject === 'variable' && change.from === null && change.to === null;

function Side({ text, without }: { text: string | null; without: string }) {
  if (text !== null) return <td title={plain(text)}><bdi class="value">{plain(HASH.test(text) ? text.slice(0, 12) : text) || '(empty)'}</bdi></td>;
  return <td class="dim">{without}</td>;
}
