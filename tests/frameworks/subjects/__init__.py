"""One module a project."""
from . import astro, bun, cron_rpc, hono, next, nuxt, react_router, sveltekit, tanstack_start, turborepo, yarn_pnp

ALL = [module.SUBJECT for module in (sveltekit, astro, next, nuxt, react_router, tanstack_start, hono, turborepo, yarn_pnp, bun, cron_rpc)]
