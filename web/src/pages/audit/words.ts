// What an entry of the audit says, in a person's words.
import type { AuditChange, AuditEntry } from '../../api/types.ts';
import { plain, plural, shortId } from '../../words/plain.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9a-f]{32}$/;
const BY: Partial<Record<AuditEntry['who']['kind'], string>> = { session: 'on the page', build: 'a build', token: 'a token', upload: 'an upload', hook: 'a hook' };

// An id in its short form, a name as it is.
export const shortest = (id: string): string => (UUID.test(id) ? shortId(id) : plain(id));

// Who did it, and as what; the kind alone where there is no name.
export function whoOf({ who }: AuditEntry): { name: string; as: string } {
  const name = plain(who.name);
  return name && name !== who.kind ? { name, as: BY[who.kind] ?? '' } : { name: who.kind, as: '' };
}

// "updateTrigger" as "update trigger".
export const actionOf = (action: string): string => plain(action).replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();

export function changeOf(change: AuditChange): string {
  const object = change.object.replaceAll('_', ' ');
  return 'count' in change ? `${plural(change.count, object)} ${change.change}` : `${object} ${shortest(change.id)} ${change.change}`;
}

// A value before or after; nothing at all is said in words.
export const valueOf = (value: string | number | null): string => (value === null || value === '' ? 'nothing' : plain(String(value)));
