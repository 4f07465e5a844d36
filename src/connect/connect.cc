#include "connect/connect.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "connect/keep_triggers.h"
#include "model/repo_place.h"

namespace kiln::connect {
namespace {

bool is_web(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

model::RepoConnection fresh_connection(const Ports& ports, const std::string& account_id,
                                       const std::string& url) {
  const model::RepoPlace place = model::repo_place(url);
  model::RepoConnection connection;
  connection.uuid = ports.entropy.uuid();
  connection.account_id = account_id;
  connection.provider_type = is_web(url) ? "github" : "git";
  connection.provider_account_id = model::owner_id(place);
  connection.provider_account_name = place.owner().empty() ? "local" : place.owner();
  connection.repo_id = is_web(url) ? model::provisional_repo_id(place) : model::plain_repo_id(place);
  connection.repo_name = place.name();
  connection.clone_url = url;
  connection.created_on = connection.modified_on = ports.clock.now();
  return connection;
}

// The connection of this very URL when there is one (its host may have told its id since), else a fresh one.
Result<model::RepoConnection> ensure_connection(const Ports& ports, const std::string& account_id,
                                                const std::string& url) {
  const Result<std::vector<model::RepoConnection>> all = ports.connections.connections(account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  const auto same = [&](const model::RepoConnection& one) { return one.clone_url == url && !one.deleted_on; };
  const auto found = std::find_if(all->begin(), all->end(), same);
  if (found != all->end()) return *found;
  return ports.connections.upsert_connection(fresh_connection(ports, account_id, url));
}

Result<store::ConnectionStore::Hook> ensure_hook(const Ports& ports, const Uuid& connection) {
  const Result<std::optional<store::ConnectionStore::Hook>> found = ports.connections.hook(connection);
  if (!found) return tl::unexpected<Error>(found.error());
  if (*found) return **found;
  const store::ConnectionStore::Hook fresh{to_base64url(ports.entropy.bytes(18)),
                                           to_base64url(ports.entropy.bytes(32))};
  const Status stored = ports.connections.set_hook(connection, fresh.hook_id, fresh.secret);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return fresh;
}

Result<model::Worker> ensure_worker(const Ports& ports, const std::string& account_id,
                                    const std::string& name) {
  model::Worker worker;
  worker.tag = ports.entropy.hex32();
  worker.account_id = account_id;
  worker.name = name;
  worker.created_on = worker.modified_on = ports.clock.now();
  return ports.workers.ensure_worker(worker);
}

// Two repositories that deploy one Worker overwrite each other's work with every push.
Status refuse_second_repository(const Wish& wish, const std::vector<model::Trigger>& of_worker) {
  const model::RepoPlace place = model::repo_place(wish.url);
  const auto is_here = [&](const model::Trigger& trigger) {
    return model::repo_place(trigger.connection.clone_url) == place;
  };
  if (of_worker.empty() || std::any_of(of_worker.begin(), of_worker.end(), is_here)) return {};
  const model::Trigger& other = of_worker.front();
  return fail(Errc::conflict,
              fmt::format("the Worker \"{}\" is deployed from {} by its trigger \"{}\"; name another Worker, "
                          "delete that trigger, or say that both shall deploy it (second_repository, "
                          "--second-repository)",
                          wish.worker, other.connection.clone_url, other.name),
              "worker");
}

}  // namespace

Result<Connected> connect(const Ports& ports, const std::string& account_id, const Wish& wish) {
  if (const auto known = ports.workers.worker(account_id, wish.worker); known && !wish.second_repository) {
    const auto triggers = ports.triggers.triggers_of_worker(account_id, known->tag);
    if (!triggers) return tl::unexpected<Error>(triggers.error());
    if (const Status one = refuse_second_repository(wish, *triggers); !one)
      return tl::unexpected<Error>(one.error());
  }
  Connected out;
  const Result<model::Worker> worker = ensure_worker(ports, account_id, wish.worker);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::RepoConnection> connection = ensure_connection(ports, account_id, wish.url);
  if (!connection) return tl::unexpected<Error>(connection.error());
  if (!wish.authorization.empty()) {
    const Status kept = ports.connections.set_clone_authorization(connection->uuid, wish.authorization);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  const Result<store::ConnectionStore::Hook> hook = ensure_hook(ports, connection->uuid);
  if (!hook) return tl::unexpected<Error>(hook.error());
  out.worker = *worker;
  out.connection = *connection;
  out.hook = *hook;
  if (const Status kept = keep_triggers(ports, wish, out); !kept) return tl::unexpected<Error>(kept.error());
  return out;
}

}  // namespace kiln::connect
