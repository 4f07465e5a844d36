// One entry: who, what and from where; what it changed, before and after, for whoever opens it.
import type { ComponentChildren } from 'preact';
import type { AuditChange, AuditEntry } from '../../api/types.ts';
import { plain } from '../../words/plain.ts';
import { actionOf, changeOf, shortest, valueOf, whoOf } from './words.ts';

export function Entry({ entry, when }: { entry: AuditEntry; when: ComponentChildren }) {
  const { name, as } = whoOf(entry);
  return (
    <tr>
      <th scope="row"><bdi>{name}</bdi> {as && <span class="dim">{as}</span>}</th>
      <td>
        <details>
          <summary>{actionOf(entry.action)} {entry.target && <bdi class="dim">{shortest(entry.target)}</bdi>}</summary>
          <ul class="plain">{entry.changes.map((change, place) => <li key={place}><Changed change={change} /></li>)}</ul>
          {entry.request_id && <p class="dim">request <code>{plain(entry.request_id)}</code></p>}
        </details>
      </td>
      <td class="address"><code>{plain(entry.address)}</code></td>
      <td class="end">{when}</td>
    </tr>
  );
}

function Changed({ change }: { change: AuditChange }) {
  const fields = 'fields' in change ? Object.entries(change.fields) : [];
  return (
    <>
      <bdi>{changeOf(change)}</bdi>
      {fields.length > 0 && (
        <dl class="fields">{fields.map(([field, { before, after }]) => (
          <div key={field}><dt>{field}</dt><dd><bdi class="value">{valueOf(before)}</bdi> → <bdi class="value">{valueOf(after)}</bdi></dd></div>
        ))}</dl>
      )}
    </>
  );
}
