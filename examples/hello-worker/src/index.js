// A Worker that tells which commit it was built from.
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    return Response.json({ greeting: env.GREETING, path: pathname, commit: "__COMMIT__", branch: "__BRANCH__" });
  },
};
