#include "forges/at_host.h"

#include <fmt/format.h>

#include "model/repo_place.h"

namespace kiln::forges {
namespace {

// The App sees it, and so its hook does; the host's own id is learnt at once.
Result<AtHost> seen_by_app(const Access& access, store::ConnectionStore& connections, const Clock& clock,
                           const model::RepoConnection& connection) {
  const Result<scm::AppRepository> found = access.kind->apps->repository(
      *access.http, access.of_repo.api_url, access.of_repo.token, access.of_repo.repo_full_name);
  if (!found) return tl::unexpected<Error>(found.error());
  if (model::is_provisional(connection.repo_id) && !found->id.empty()) {
    const Status learnt = connections.learn_repo_id(connection.uuid, found->id, clock.now());
    if (!learnt) return tl::unexpected<Error>(learnt.error());
  }
  return AtHost{true, {fmt::format("{} tells Kiln of {} by its App.", access.kind->title, found->full_name)}};
}

// How set_up_hook() of api/control tells one connection's hook from another's of the same repository.
std::string hook_url_end(const std::string& hook_id) {
  return "?of=" + hook_id;
}

}  // namespace

Result<AtHost> set_up_at_host(Directory& directory, store::ConnectionStore& connections, const Clock& clock,
                              const model::RepoConnection& connection, const scm::HookWish& hook) {
  const auto host = directory.host_of(connection.account_id, connection.uuid);
  if (!host) return tl::unexpected<Error>(host.error());
  if (!*host) return AtHost{};
  const Result<Access> access = directory.access(connection.account_id, connection.uuid);
  if (!access) return tl::unexpected<Error>(access.error());
  if (access->of_repo.is_app) return seen_by_app(*access, connections, clock, connection);
  const Status made = access->kind->api->keep_hook(access->of_repo, hook);
  if (made) return AtHost{true, {fmt::format("The webhook at {} is made.", access->kind->title)}};
  if (made.error().code == Errc::unavailable || made.error().code == Errc::timeout)
    return tl::unexpected<Error>(made.error());
  return AtHost{false,
                {fmt::format("The webhook could not be made by the token ({}); add it by hand.",
                             made.error().message)}};
}

std::vector<std::string> leave_host(Directory& directory, const model::RepoConnection& connection,
                                    const std::string& hook_id) {
  const auto host = directory.host_of(connection.account_id, connection.uuid);
  if (host && !*host) {
    if (connection.provider_type == "git") return {};
    return {
        fmt::format("If a webhook was added at the host of {}, remove it there: Kiln takes its deliveries "
                    "no more.",
                    full_name_of(connection))};
  }
  const auto by_hand = [&](const Error& error) {
    return std::vector<std::string>{
        fmt::format("The webhook of {} could not be removed ({}); remove it by hand: its URL ends with {}.",
                    full_name_of(connection), error.message, hook_url_end(hook_id))};
  };
  if (!host) return by_hand(host.error());
  const Result<Access> access = directory.access(connection.account_id, connection.uuid);
  if (!access) return by_hand(access.error());
  if (access->of_repo.is_app) {
    return {fmt::format("{} tells Kiln of {} by its App, which sees it still; nothing comes of that.",
                        access->kind->title, full_name_of(connection))};
  }
  const Result<bool> dropped = access->kind->api->drop_hook(access->of_repo, hook_url_end(hook_id));
  if (!dropped) return by_hand(dropped.error());
  if (!*dropped) return {};
  return {fmt::format("The webhook at {} is removed.", access->kind->title)};
}

}  // namespace kiln::forges
