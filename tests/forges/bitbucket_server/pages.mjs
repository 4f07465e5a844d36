// One page of values: `start` and `limit`, and where the next begins.
export function paged(call, values) {
  const limit = Math.max(1, Math.min(1000, Number(call.query.get('limit') ?? 25) || 25));
  const start = Math.max(0, Number(call.query.get('start') ?? 0) || 0);
  const shown = values.slice(start, start + limit);
  const isLastPage = start + limit >= values.length;
  return { size: shown.length, limit, isLastPage, values: shown, start, ...(isLastPage ? {} : { nextPageStart: start + limit }) };
}
