// One page of a list, and the Link header that leads to the others.
export function page(call, forge, items, { per_page = 30, most = 100, size = 'per_page', link = (path) => forge.link(path) } = {}) {
  const perPage = Math.max(1, Math.min(most, Number(call.query.get(size) ?? per_page) || per_page));
  const number = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const to = (n, rel) => {
    const query = new URLSearchParams(call.query);
    query.set(size, perPage);
    query.set('page', n);
    return `<${link(call.path)}?${query}>; rel="${rel}"`;
  };
  const links = [];
  if (number > 1) links.push(to(number - 1, 'prev'), to(1, 'first'));
  if (number < last) links.push(to(number + 1, 'next'), to(last, 'last'));
  return { items: items.slice((number - 1) * perPage, number * perPage), number, last, perPage, headers: links.length ? { link: links.join(', ') } : {} };
}
