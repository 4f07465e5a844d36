// Values that look like the server's.
import { createHash } from 'node:crypto';

export const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
export const hex = (text, length) => createHash('sha256').update(text).digest('hex').slice(0, length);
export const uuid = (text) => hex(text, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
