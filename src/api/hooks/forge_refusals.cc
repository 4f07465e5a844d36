#include "api/hooks/forge_refusals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"

namespace kiln::api {
namespace {

constexpr std::size_t kMostSecretsTried = 50;

// "/webhooks/github", and so on.
std::string address_of(const scm::Forge& forge) {
  return fmt::format("/webhooks/{}", forge.provider);
}

tl::unexpected<Error> no_such_address(const std::string& name) {
  std::string known;
  for (const scm::Forge& forge : scm::forges()) {
    if (forge.hooks != nullptr) known += (known.empty() ? "" : ", ") + address_of(forge);
  }
  return fail(
      Errc::not_found,
      fmt::format("no kind of source host is called '{}' here; set the webhook's URL to one of {}, or to "
                  "what kiln connect prints",
                  printable(name), known),
      "provider");
}

// Connections of this kind of host, first those that have not had a delivery yet.
Result<std::vector<model::RepoConnection>> some_connections(const HookDeps& deps, const scm::Forge& forge,
                                                            std::size_t most) {
  std::vector<model::RepoConnection> all;
  for (const scm::Forge* like : scm::forges_like(forge)) {
    auto found = deps.connections.connections_of_provider(std::string(like->provider), most);
    if (!found) return found;
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

}  // namespace

scm::HookRequest hook_request(const http::Request& request) {
  return {[&request](std::string_view name) { return request.header(name); }, request.body};
}

Result<const scm::Forge*> forge_of_path(const http::Request& request) {
  const std::string name = request.param("provider");
  const scm::Forge* named = scm::forge_of(name);
  if (named == nullptr || named->hooks == nullptr) return no_such_address(name);
  const scm::Forge& mine = *scm::forges_like(*named).front();
  const scm::HookRequest head = hook_request(request);
  const auto claims = [&](const scm::Forge& one) { return one.hooks != nullptr && one.hooks->claims(head); };
  const auto sender = std::find_if(scm::forges().begin(), scm::forges().end(), claims);
  if (sender == scm::forges().end() || sender->hooks == mine.hooks) return &mine;
  return fail(
      Errc::invalid,
      fmt::format("Invalid request: this is a delivery of {}, and the address is that for {}; set the "
                  "webhook's URL to {}",
                  sender->title, mine.title, address_of(*sender)),
      "provider");
}

tl::unexpected<Error> refused_delivery(const HookDeps& deps, const scm::Forge& forge) {
  const auto any = some_connections(deps, forge, 1);
  if (!any) return tl::unexpected<Error>(any.error());
  const bool has_app = deps.app_secrets && !deps.app_secrets(forge.provider, "").empty();
  if (any->empty() && !has_app) {
    return fail(
        Errc::not_found,
        fmt::format("no repository of {} is connected to this server; connect it with kiln connect and "
                    "its address, enter the secret that this prints as the webhook's at {}, and send "
                    "the delivery again",
                    forge.title, forge.title),
        "provider");
  }
  return fail(Errc::unauthenticated, "the delivery's signature does not fit any connected repository");
}

Result<std::vector<std::string>> some_secrets(const HookDeps& deps, const scm::Forge& forge) {
  const auto connections = some_connections(deps, forge, kMostSecretsTried);
  if (!connections) return tl::unexpected<Error>(connections.error());
  std::vector<std::string> all;
  for (const model::RepoConnection& connection : *connections) {
    const Result<std::vector<std::string>> secrets = deps.secrets(connection);
    if (!secrets) return tl::unexpected<Error>(secrets.error());
    all.insert(all.end(), secrets->begin(), secrets->end());
  }
  return all;
}

}  // namespace kiln::api
