// One page of values, with the address of the next.
export function paged(call, values, { pagelen = 10 } = {}) {
  const size = Math.max(1, Math.min(100, Number(call.query.get('pagelen') ?? pagelen) || pagelen));
  const page = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  const to = (number) => `${call.forge.link(call.path)}?pagelen=${size}&page=${number}`;
  return { values: values.slice((page - 1) * size, page * size), pagelen: size, size: values.length, page, ...(page * size < values.length ? { next: to(page + 1) } : {}), ...(page > 1 ? { previous: to(page - 1) } : {}) };
}
