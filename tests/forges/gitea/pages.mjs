// One page by `page` and `limit`, with the headers that say how many there are.
export function paged(call, items) {
  const limit = Math.max(1, Math.min(50, Number(call.query.get('limit') ?? 30) || 30));
  const number = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / limit));
  const to = (n, rel) => `<${call.forge.link(call.path)}?limit=${limit}&page=${n}>; rel="${rel}"`;
  const links = [...(number < last ? [to(number + 1, 'next'), to(last, 'last')] : []), ...(number > 1 ? [to(1, 'first'), to(number - 1, 'prev')] : [])];
  return { items: items.slice((number - 1) * limit, number * limit), headers: { 'x-total-count': String(items.length), 'x-hasmore': String(number < last), ...(links.length ? { link: links.join(',') } : {}) } };
}
