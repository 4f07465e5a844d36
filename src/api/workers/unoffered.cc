#include "api/workers/unoffered.h"

#include <array>
#include <utility>

#include "base/ids.h"

namespace kiln::api {
namespace {

using Sentence = std::pair<std::string_view, std::string_view>;  // how a path begins, and what is said of it

constexpr std::string_view kBase = "/client/v4/";
constexpr std::string_view kAccounts = "accounts/";
constexpr std::string_view kScripts = "workers/scripts/";
constexpr std::string_view kWorkers = "workers/workers/";

constexpr std::string_view kZones =
    "Of zones Kiln has the domains that workers.zones of its settings lists, with their Workers' routes and "
    "custom domains, and nothing else.";
constexpr std::string_view kDispatch =
    "Kiln has no dispatch namespaces (Workers for Platforms): remove `dispatch_namespaces` from the wrangler "
    "configuration and deploy without --dispatch-namespace.";

// Below /client/v4/accounts/{account}/.
constexpr std::array kOfAccount = {
    Sentence{
        "r2",
        "Of R2 Kiln has buckets and their objects, for Workers, wrangler and this API: no lifecycle rules, "
        "CORS, locks, domains, metrics, Sippy, local uploads or temporary credentials, and no S3 "
        "endpoint. Objects go out through a Worker, which sets what headers it likes."},
    Sentence{"r2-catalog", "Kiln has no R2 data catalog."},
    Sentence{"event_notifications",
             "Kiln's R2 buckets notify nobody: let the Worker that puts an object tell who is to know."},
    Sentence{"slurper", "Kiln brings no objects over by itself: copy them with a Worker or with wrangler."},
    Sentence{"d1",
             "Kiln's D1 has neither time travel nor read replication, and keeps no insights: go back by "
             "what `wrangler d1 export` wrote, or by a backup of the server."},
    Sentence{"vectorize",
             "Kiln has no Vectorize indexes: remove `vectorize` from the wrangler configuration."},
    Sentence{"hyperdrive",
             "Kiln has no Hyperdrive: remove `hyperdrive` from the wrangler configuration and "
             "connect to the database directly."},
    Sentence{"containers", "Kiln runs no containers: remove `containers` from the wrangler configuration."},
    Sentence{"cloudchamber", "Kiln runs no containers: remove `containers` from the wrangler configuration."},
    Sentence{"workers/dispatch", kDispatch},
    Sentence{"workers/durable_objects",
             "Kiln has no Durable Objects: remove `durable_objects` and `migrations` "
             "from the wrangler configuration."},
    Sentence{"workers/domains", kZones},
    Sentence{"workers/routes", kZones},
    Sentence{"workers/services",
             "Kiln has no service environments: remove `legacy_env = false` from the "
             "wrangler configuration, so that each environment is a Worker of its own."},
    Sentence{"workers/observability",
             "Kiln keeps no telemetry of Workers: watch them live with `wrangler tail` or `kiln tail`, and "
             "read what they print in the server's log."},
    Sentence{"workers/subdomain",
             "An account of Kiln always has its subdomain: the server's operator chooses it "
             "(workers.subdomain)."},
    Sentence{"tokens",
             "Kiln's API tokens are made and revoked on its server: `kiln token create`, `kiln token "
             "revoke`."},
    Sentence{"workflows", "Kiln runs no Workflows: remove `workflows` from the wrangler configuration."},
    Sentence{"pipelines", "Kiln has no Pipelines: remove `pipelines` from the wrangler configuration."},
    Sentence{"secrets_store",
             "Kiln has no Secrets Store: remove `secrets_store_secrets` from the wrangler "
             "configuration and use `wrangler secret put`."},
    Sentence{"ai", "Kiln has no Workers AI: remove `ai` from the wrangler configuration."},
    Sentence{"autorag", "Kiln has no AI Search: remove its bindings from the wrangler configuration."},
    Sentence{"browser-rendering",
             "Kiln has no Browser Rendering: remove `browser` from the wrangler "
             "configuration."},
    Sentence{"images", "Kiln has no Images service: remove `images` from the wrangler configuration."},
    Sentence{"stream", "Kiln has no Stream service: remove `stream` from the wrangler configuration."},
    Sentence{"pages",
             "Kiln has no Pages projects: deploy the site as a Worker with static assets "
             "(`assets.directory` in the wrangler configuration)."},
    Sentence{"mtls_certificates",
             "Kiln keeps no mTLS certificates: remove `mtls_certificates` from the wrangler "
             "configuration."},
    Sentence{"cfd_tunnel", "Kiln has no tunnels: expose its address with a proxy of your own."},
    Sentence{"email", "Kiln routes no email: remove `send_email` from the wrangler configuration."},
};

// Below workers/scripts/{name}/.
constexpr std::array kOfScript = {
    Sentence{"routes", kZones},
    Sentence{"domains", kZones},
    Sentence{"usage-model",
             "Kiln has one usage model, \"standard\": remove `usage_model` from the wrangler "
             "configuration."},
};

// Of versions and deployments, whose paths take other methods.
constexpr std::array kKept = {
    Sentence{"versions",
             "Kiln keeps every version: builds and deployments point at it. One that nothing routes to costs "
             "the room of its files alone."},
    Sentence{"deployments",
             "Kiln keeps every deployment: the list says what answered when. To take a version out of "
             "traffic, deploy another one."},
    Sentence{"tails", "Kiln does not list who watches a Worker: open a tail with POST."},
};

// `path` is `start` or goes on below it.
bool below(std::string_view path, std::string_view start) {
  return path.starts_with(start) && (path.size() == start.size() || path[start.size()] == '/');
}

// Without its first segment and the slash behind it.
std::string_view after_segment(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
}

template <typename Table>
std::string_view look_up(const Table& table, std::string_view path) {
  for (const auto& [start, words] : table) {
    if (below(path, start)) return words;
  }
  return {};
}

}  // namespace

std::string_view unoffered(std::string_view path) {
  if (!path.starts_with(kBase)) return {};
  path.remove_prefix(kBase.size());
  if (below(path, "zones")) return kZones;
  if (!path.starts_with(kAccounts)) return {};
  path.remove_prefix(kAccounts.size());
  if (!is_hex32(path.substr(0, path.find('/')))) return {};  // what is wrong is the account
  path = after_segment(path);
  if (path.starts_with(kScripts)) {
    const std::string_view tail = after_segment(path.substr(kScripts.size()));
    const std::string_view words = look_up(kOfScript, tail);
    return words.empty() ? look_up(kKept, tail) : words;
  }
  if (path.starts_with(kWorkers)) return look_up(kKept, after_segment(path.substr(kWorkers.size())));
  return look_up(kOfAccount, path);
}

}  // namespace kiln::api
