#include "connect/connect.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "connect/keep_triggers.h"
#include "model/repo_place.h"

namespace kiln::connect {
namespace {

HostKind kind_of(const Ports& ports, const std::string& account_id, const Wish& wish) {
  if (wish.provider) return {*wish.provider, HostKind::By::set_up};
  return ports.provider_of(account_id, wish.url);
}

model::RepoConnection fresh_connection(const Ports& ports, const std::string& account_id,
                                       const std::string& url, const HostKind& kind) {
  const bool is_web = url.starts_with("http://") || url.starts_with("https://");
  const model::RepoPlace place = model::repo_place(url);
  model::RepoConnection connection;
  connection.uuid = ports.entropy.uuid();
  connection.account_id = account_id;
  connection.provider_type = kind.provider;
  connection.provider_account_id = model::owner_id(place);
  connection.provider_account_name = place.owner().empty() ? "local" : place.owner();
  const bool is_told = is_web || connection.provider_type != "git";  // its id, by the host
  connection.repo_id = is_told ? model::provisional_repo_id(place) : model::plain_repo_id(place);
  connection.repo_name = place.name();
  connection.clone_url = url;
  connection.created_on = connection.modified_on = ports.clock.now();
  return connection;
}

std::string assumed_words(const HostKind& kind) {
  return fmt::format(
      "The host is taken for one of the kind {}: neither its name nor a host that is set up says what it is. "
      "--provider names another, kiln forge add sets one up.",
      kind.provider);
}

// The connection of this very URL when there is one (its host may have told its id since), else a fresh one.
Result<model::RepoConnection> ensure_connection(const Ports& ports, const std::string& account_id,
                                                const std::string& url, const HostKind& kind) {
  const Result<std::vector<model::RepoConnection>> all = ports.connections.connections(account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  const auto same = [&](const model::RepoConnection& one) { return one.clone_url == url && !one.deleted_on; };
  const auto found = std::find_if(all->begin(), all->end(), same);
  if (found == all->end())
    return ports.connections.upsert_connection(fresh_connection(ports, account_id, url, kind));
  if (kind.by != HostKind::By::set_up || kind.provider == found->provider_type) return *found;
  const Status kept = ports.connections.set_provider(found->uuid, kind.provider);
  if (!kept) return tl::unexpected<Error>(kept.error());
  return ports.connections.connection(account_id, found->uuid);
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
Status refuse_second_repository(const Ports& ports, const std::string& account_id, const Wish& wish,
                                const std::string& name) {
  const Result<model::Worker> known = ports.workers.worker(account_id, name);
  if (!known || wish.second_repository) return {};
  const auto of_worker = ports.triggers.triggers_of_worker(account_id, known->tag);
  if (!of_worker) return tl::unexpected<Error>(of_worker.error());
  const model::RepoPlace place = model::repo_place(wish.url);
  const auto is_here = [&](const model::Trigger& trigger) {
    return model::repo_place(trigger.connection.clone_url) == place;
  };
  if (of_worker->empty() || std::any_of(of_worker->begin(), of_worker->end(), is_here)) return {};
  const model::Trigger& other = of_worker->front();
  return fail(Errc::conflict,
              fmt::format("the Worker \"{}\" is deployed from {} by its trigger \"{}\"; name another Worker "
                          "(--worker), delete that trigger, or say that both shall deploy it "
                          "(second_repository, --second-repository)",
                          name, other.connection.clone_url, other.name),
              "worker");
}

// The one Worker that the repository deploys already; nothing before it deploys any. Errors: Errc::conflict,
// field "worker", when it deploys several.
Result<std::optional<std::string>> worker_of_repository(const Ports& ports,
                                                        const model::RepoConnection& connection) {
  const auto triggers = ports.triggers.triggers_of_connection(connection.uuid);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  if (triggers->empty()) return std::nullopt;
  const std::string& tag = triggers->front().worker_tag;
  const bool one = std::all_of(triggers->begin(), triggers->end(),
                               [&](const model::Trigger& trigger) { return trigger.worker_tag == tag; });
  if (!one)
    return fail(Errc::conflict, "the repository deploys several Workers: say which one is meant (--worker)",
                "worker");
  const Result<model::Worker> worker = ports.workers.worker_by_tag(connection.account_id, tag);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return worker->name;
}

// Where nobody named the Worker.
Result<std::string> find_worker_name(const Ports& ports, const Wish& wish,
                                     const model::RepoConnection& connection, Connected& out) {
  const Result<std::optional<std::string>> known = worker_of_repository(ports, connection);
  if (!known) return tl::unexpected<Error>(known.error());
  if (*known) return **known;
  std::string branch = wish.branch.value_or("");
  if (branch.empty()) branch = ports.default_branch(connection).value_or("");
  const Result<NamedWorker> named =
      ports.name_of_worker(connection, branch, wish.root_directory.value_or("/"));
  if (!named) return tl::unexpected<Error>(named.error());
  if (const Status one = refuse_second_repository(ports, connection.account_id, wish, named->name); !one)
    return tl::unexpected<Error>(one.error());
  out.notes.push_back(named->why);
  return named->name;
}

}  // namespace

Result<Connected> connect(const Ports& ports, const std::string& account_id, const Wish& wish) {
  // Before anything is made.
  if (!wish.worker.empty()) {
    const Status one = refuse_second_repository(ports, account_id, wish, wish.worker);
    if (!one) return tl::unexpected<Error>(one.error());
  }
  const HostKind kind = kind_of(ports, account_id, wish);
  const std::string token = wish.credentials.token.value_or("");
  const Result<std::string> tried =
      try_authorization(ports, account_id, wish.url,
                        token.empty() ? wish.authorization : ports.authorization_of(kind.provider, token));
  if (!tried) return tl::unexpected<Error>(tried.error());
  Connected out;
  const Result<model::RepoConnection> connection = ensure_connection(ports, account_id, wish.url, kind);
  if (!connection) return tl::unexpected<Error>(connection.error());
  if (!tried->empty()) out.notes.push_back(*tried);
  if (kind.by == HostKind::By::nothing && kind.provider == connection->provider_type)
    out.notes.push_back(assumed_words(kind));
  if (!wish.authorization.empty()) {
    const Status kept = ports.connections.set_clone_authorization(connection->uuid, wish.authorization);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  Result<Credentials> credentials = keep_credentials(ports, *connection, wish.credentials);
  if (!credentials) return tl::unexpected<Error>(credentials.error());
  if (!credentials->note.empty()) out.notes.push_back(credentials->note);
  out.credentials = std::move(*credentials);
  const Result<std::string> name = wish.worker.empty() ? find_worker_name(ports, wish, *connection, out)
                                                       : Result<std::string>(wish.worker);
  if (!name) return tl::unexpected<Error>(name.error());
  const Result<model::Worker> worker = ensure_worker(ports, account_id, *name);
  if (!worker) return tl::unexpected<Error>(worker.error());
  if (wish.poll_seconds) {
    const Status kept = ports.watches.set_poll(connection->uuid, *wish.poll_seconds, wish.build_first);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  const Result<store::ConnectionStore::Hook> hook = ensure_hook(ports, connection->uuid);
  if (!hook) return tl::unexpected<Error>(hook.error());
  out.worker = *worker;
  out.connection = *connection;
  out.hook = *hook;
  if (const Status kept = keep_triggers(ports, wish, out); !kept) return tl::unexpected<Error>(kept.error());
  Result<store::Watched> watched = ports.watches.watch(connection->uuid);
  if (!watched) return tl::unexpected<Error>(watched.error());
  out.watched = std::move(*watched);
  return out;
}

}  // namespace kiln::connect
