export default defineNuxtConfig({
  compatibilityDate: "2026-10-01",
  routeRules: { "/about": { prerender: true } },
  nitro: { preset: "cloudflare_module", cloudflare: { deployConfig: true, nodeCompat: true } },
});
