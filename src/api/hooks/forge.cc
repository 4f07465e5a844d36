// Deliveries of source hosts: whose they are, whether they prove themselves, and to whom they are handed.
#include "scm/forge/forge.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <variant>

#include "api/acts.h"
#include "api/error_table.h"
#include "api/hooks/forge_refusals.h"
#include "api/hooks/handlers.h"
#include "base/log.h"
#include "model/repo_place.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kLargestTest = 64U << 10U;  // bytes of a host's test of the address

json::value taken_json(const queue::Taken& taken) {
  json::array builds;
  for (const queue::Taken::Made& made : taken.builds) {
    builds.push_back({{"build_uuid", made.build.str()},
                      {"worker", made.worker_name},
                      {"trigger_name", made.trigger_name},
                      {"branch", made.branch},
                      {"commit_hash", made.commit},
                      {"status", made.skipped.empty() ? "queued" : "skipped"},
                      {"reason", made.skipped}});
  }
  return {{"builds", builds}, {"duplicate", taken.duplicate}, {"notes", json::value_from(taken.notes)}};
}

// One delivery on its way.
struct Delivered {
  const HookDeps& deps;
  const scm::Forge& forge;  // the first of its kind: the name that what it asked for is kept under
  scm::HookRequest request;
  std::string key;
  model::DeliveryOrigin origin;
  std::string app_id;  // as it says itself
};

Delivered delivered(const HookDeps& deps, const scm::Forge& forge, const http::Request& request) {
  Delivered delivery{deps, forge, hook_request(request), {}, {}, {}};
  scm::HookNames names = forge.hooks->names(delivery.request);
  delivery.key = forge.hooks->delivery_key(delivery.request);
  delivery.origin = {std::string(forge.provider), names.delivery_id, names.event,
                     model::SignatureResult::verified};
  delivery.app_id = std::move(names.app_id);
  return delivery;
}

bool fits(const Delivered& delivery, const std::string& secret) {
  return !secret.empty() &&
         delivery.forge.hooks->is_signed_by(secret, delivery.request, delivery.deps.clock.now());
}

bool fits_one_of(const Delivered& delivery, const std::vector<std::string>& secrets) {
  bool found = false;
  for (const std::string& secret : secrets) found |= fits(delivery, secret);
  return found;
}

// Whom the delivery concerns: connections of its repository, or else accounts whose App sees it.
struct Proved {
  std::vector<model::RepoConnection> connections;
  std::vector<std::string> accounts;
  std::vector<std::string> app_ids;
  bool by_app = false;       // also the settings' own, which is no account's
  bool by_settings = false;  // whose App it is nobody knows

  // Whether it may say what became of that App.
  [[nodiscard]] bool speaks_for(const std::string& app_id) const {
    return by_settings || std::find(app_ids.begin(), app_ids.end(), app_id) != app_ids.end();
  }
};

// By which Apps it is proved. Costs a check where there are none.
Proved proved_by_apps(const Delivered& delivery) {
  Proved proved;
  std::vector<HookDeps::AppSecret> secrets;
  if (delivery.deps.app_secrets)
    secrets = delivery.deps.app_secrets(delivery.forge.provider, delivery.app_id);
  if (secrets.empty()) (void)fits(delivery, "nobody's");
  for (const HookDeps::AppSecret& one : secrets) {
    if (!fits(delivery, one.secret)) continue;
    proved.by_app = true;
    proved.by_settings = proved.by_settings || one.account_id.empty();
    if (one.account_id.empty()) continue;
    proved.accounts.push_back(one.account_id);
    proved.app_ids.push_back(one.app_id);
  }
  return proved;
}

Result<std::vector<model::RepoConnection>> connections_of(const Delivered& delivery,
                                                          const scm::ClaimedRepo& claimed) {
  std::vector<model::RepoConnection> all;
  for (const scm::Forge* forge : scm::forges_like(delivery.forge)) {
    auto found = delivery.deps.connections.connections_of_repo(std::string(forge->provider), claimed.id,
                                                               claimed.full_name);
    if (!found) return found;
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

// The connections of the claimed repository with a secret that proves this delivery. Every candidate is
// checked, and an unknown repository costs a check too.
Result<Proved> proved(const Delivered& delivery, const scm::ClaimedRepo& claimed) {
  const HookDeps& deps = delivery.deps;
  const Result<std::vector<model::RepoConnection>> candidates = connections_of(delivery, claimed);
  if (!candidates) return tl::unexpected<Error>(candidates.error());
  Proved verified;
  if (candidates->empty()) {
    // An App sees repositories that nobody has connected. What its secret proves is no failure; its host
    // would be asked for it again.
    verified = proved_by_apps(delivery);
    if (verified.by_app) return verified;
    return refused_delivery(deps, delivery.forge);
  }
  for (const model::RepoConnection& connection : *candidates) {
    const Result<std::vector<std::string>> secrets = deps.secrets(connection);
    if (!secrets) return tl::unexpected<Error>(secrets.error());
    if (fits_one_of(delivery, *secrets)) verified.connections.push_back(connection);
  }
  if (!verified.connections.empty()) return verified;
  // An App of one account sees what another has connected.
  verified = proved_by_apps(delivery);
  if (!verified.accounts.empty()) return verified;
  for (const model::RepoConnection& connection : *candidates) {
    if (deps.note_refused) deps.note_refused(connection, delivery.origin);
  }
  return refused_delivery(deps, delivery.forge);
}

std::string repo_id_of(const model::ScmEvent& event) {
  if (const auto* request = std::get_if<model::PullRequestEvent>(&event)) return request->repo_id;
  if (const auto* action = std::get_if<model::CheckAction>(&event)) return action->repo_id;
  if (const auto* news = std::get_if<model::RepositoryNews>(&event)) return news->repo_id;
  const auto* pushes = std::get_if<std::vector<model::PushEvent>>(&event);
  return pushes == nullptr || pushes->empty() ? std::string() : pushes->front().repo_id;
}

void learn_repo_id(const HookDeps& deps, const model::RepoConnection& connection,
                   const std::string& repo_id) {
  if (repo_id.empty() || !model::is_provisional(connection.repo_id)) return;
  const Status learnt = deps.connections.learn_repo_id(connection.uuid, repo_id, deps.clock.now());
  if (!learnt) {
    log::warn("repository id not kept connection={} error={}", connection.uuid.str(),
              log::quoted(learnt.error().message));
  }
}

// What one connection makes of the event.
class TakesEvent {
 public:
  TakesEvent(const Delivered& delivery, const model::RepoConnection& connection, HookDeps::Until until)
      : delivery_(delivery), deps_(delivery.deps), connection_(connection), until_(until) {}

  Result<queue::Taken> operator()(const std::vector<model::PushEvent>& pushes) const {
    return take_for(deps_, connection_, pushes, delivery_.origin, until_);
  }
  Result<queue::Taken> operator()(const model::PullRequestEvent& news) const {
    return take_for(deps_, connection_, news, delivery_.origin, until_);
  }
  Result<queue::Taken> operator()(const model::CheckAction& action) const {
    return deps_.queue.take_check_action(connection_, action, std::string(delivery_.forge.title),
                                         delivery_.origin);
  }
  Result<queue::Taken> operator()(const model::RepositoryNews& news) const {
    return deps_.queue.take_repository_news(connection_, news, delivery_.origin);
  }
  // A repository's own hook has nothing to say of installations.
  Result<queue::Taken> operator()(const model::InstallationNews& /*news*/) const {
    return nothing("an installation's news comes with no repository");
  }
  Result<queue::Taken> operator()(const model::IgnoredEvent& ignored) const { return nothing(ignored.why); }

 private:
  [[nodiscard]] Result<queue::Taken> nothing(const std::string& why) const {
    return deps_.queue.take_nothing(connection_, delivery_.origin, delivery_.key, why);
  }

  const Delivered& delivery_;
  const HookDeps& deps_;
  const model::RepoConnection& connection_;
  HookDeps::Until until_;
};

void acts_as_hook(const Delivered& delivery, const model::RepoConnection& connection) {
  acts_as({"hook", connection.uuid.str(), std::string(delivery.forge.provider)}, connection.account_id);
}

// What was signed and cannot be read is kept with the reason, and refused.
tl::unexpected<Error> unreadable(const Delivered& delivery,
                                 const std::vector<model::RepoConnection>& connections, const Error& error) {
  for (const model::RepoConnection& connection : connections) {
    acts_as_hook(delivery, connection);
    const Result<queue::Taken> kept = delivery.deps.queue.take_nothing(
        connection, delivery.origin, delivery.key, "it could not be read: " + error.message);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  return tl::unexpected<Error>(error);
}

// What an App tells of a repository that nobody has connected leads to nothing, and is kept with its App's
// account, so that whoever wonders finds why.
Result<http::Reply> keep_unconnected(const Delivered& delivery, const Proved& whom,
                                     const scm::ClaimedRepo& claimed, const model::ScmEvent& event) {
  queue::Taken all;
  all.notes.emplace_back("no Worker is connected to this repository");
  const auto* pushes = std::get_if<std::vector<model::PushEvent>>(&event);
  for (const std::string& account : whom.accounts) {
    acts_as({"hook", "", std::string(delivery.forge.provider)}, account);
    const Result<queue::Taken> kept = delivery.deps.queue.take_unconnected(
        account, claimed.full_name, pushes == nullptr ? std::vector<model::PushEvent>() : *pushes,
        delivery.origin, delivery.key);
    if (!kept) return tl::unexpected<Error>(kept.error());
    all.notes = kept->notes;
  }
  return success_response(taken_json(all));
}

// Of a delivery that names no repository: news of an App's installation, which its App's secret proves, or a
// host's test of the address, which any secret of that kind of host proves.
Result<http::Reply> take_without_repository(const Delivered& delivery) {
  const HookDeps& deps = delivery.deps;
  // Each secret that is tried reads the whole body: a stranger's large one is not worth those of all Apps and
  // fifty of repositories.
  if (delivery.app_id.empty() && delivery.request.body.size() > kLargestTest) {
    (void)fits(delivery, "nobody's");
    return refused_delivery(deps, delivery.forge);
  }
  const Proved whom = proved_by_apps(delivery);
  if (!whom.by_app) {
    if (!delivery.app_id.empty()) return refused_delivery(deps, delivery.forge);
    const Result<std::vector<std::string>> any = some_secrets(deps, delivery.forge);
    if (!any) return tl::unexpected<Error>(any.error());
    if (!fits_one_of(delivery, *any)) return refused_delivery(deps, delivery.forge);
  }
  const Result<model::ScmEvent> event = delivery.forge.hooks->parse(delivery.request, delivery.key);
  if (!event) return tl::unexpected<Error>(event.error());
  queue::Taken taken;
  if (const auto* news = std::get_if<model::InstallationNews>(&*event)) {
    if (!whom.speaks_for(news->app_id)) return refused_delivery(deps, delivery.forge);
    if (deps.installation_news) {
      if (const Status told = deps.installation_news(*news); !told)
        return tl::unexpected<Error>(told.error());
    }
    taken.notes.push_back(fmt::format("the installation at {} is noted", news->account_name));
  } else if (const auto* ignored = std::get_if<model::IgnoredEvent>(&*event)) {
    taken.notes.push_back(ignored->why);
  } else {
    return fail(Errc::invalid, "the delivery names no repository", "repository");
  }
  return success_response(taken_json(taken));
}

}  // namespace

Status check_forge_delivery(const HookDeps& deps, const http::Request& request) {
  const Result<const scm::Forge*> forge = forge_of_path(request);
  if (!forge) return tl::unexpected<Error>(forge.error());
  Status sound = (*forge)->hooks->check_head(hook_request(request));
  if (!sound && sound.error().code == Errc::unauthenticated) return refused_delivery(deps, **forge);
  return sound;
}

Result<http::Reply> take_forge_delivery(const HookDeps& deps, const http::Request& request) {
  if (const Status sound = check_forge_delivery(deps, request); !sound)
    return tl::unexpected<Error>(sound.error());
  const Result<const scm::Forge*> forge = forge_of_path(request);
  if (!forge) return tl::unexpected<Error>(forge.error());
  const Delivered delivery = delivered(deps, **forge, request);
  const Result<scm::ClaimedRepo> claimed = delivery.forge.hooks->claimed_repo(delivery.request);
  // JSON that is whole and has none; what is no JSON may be anything.
  if (!claimed && claimed.error().field != "body" && claimed.error().field != "payload")
    return take_without_repository(delivery);
  const Result<Proved> whom = proved(delivery, claimed.value_or(scm::ClaimedRepo{}));
  if (!whom) return tl::unexpected<Error>(whom.error());
  const Result<model::ScmEvent> event = delivery.forge.hooks->parse(delivery.request, delivery.key);
  if (!event) return unreadable(delivery, whom->connections, event.error());
  if (whom->connections.empty()) return keep_unconnected(delivery, *whom, *claimed, *event);
  queue::Taken all;
  const HookDeps::Until until = patience();
  for (const model::RepoConnection& connection : whom->connections) {
    acts_as_hook(delivery, connection);
    learn_repo_id(deps, connection, repo_id_of(*event));
    Result<queue::Taken> taken = std::visit(TakesEvent(delivery, connection, until), *event);
    if (!taken) return tl::unexpected<Error>(taken.error());
    all.duplicate |= taken->duplicate;
    all.builds.insert(all.builds.end(), taken->builds.begin(), taken->builds.end());
    all.notes.insert(all.notes.end(), taken->notes.begin(), taken->notes.end());
  }
  return success_response(taken_json(all));
}

}  // namespace kiln::api
