// One page, with the headers by which GitLab tells of the others.
import { page } from '../lib/pages.mjs';

export function paged(call, items) {
  const one = page(call, call.forge, items, { per_page: 20 });
  const to = (number) => (number >= 1 && number <= one.last ? String(number) : '');
  return { items: one.items, headers: { ...one.headers, 'x-page': String(one.number), 'x-per-page': String(one.perPage), 'x-next-page': to(one.number + 1), 'x-prev-page': to(one.number - 1), 'x-total': String(items.length), 'x-total-pages': String(one.last) } };
}
