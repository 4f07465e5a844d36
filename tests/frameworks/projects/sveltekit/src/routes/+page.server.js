export function load({ request, getClientAddress }) {
  return { who: request.headers.get("x-who"), address: getClientAddress() };
}
