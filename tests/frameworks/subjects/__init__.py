"""One module a project."""
from . import astro, bun, cron_rpc, hono, sveltekit, turborepo, yarn_pnp

ALL = [module.SUBJECT for module in (sveltekit, astro, hono, bun, turborepo, yarn_pnp, cron_rpc)]
