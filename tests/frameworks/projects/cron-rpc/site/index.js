const pages = {
  "/sum": (env) => env.API.add(2, 3),
  "/minutes": (env) => env.API.minutes(),
  "/shout": (env) => env.LOUD.shout("Ada"),
};

export default {
  async fetch(request, env) {
    const page = pages[new URL(request.url).pathname];
    return page ? new Response(await page(env)) : new Response("no such page", { status: 404 });
  },
};
