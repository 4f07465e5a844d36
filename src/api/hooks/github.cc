#include "scm/hooks/github.h"

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/hooks/handlers.h"
#include "base/hash.h"
#include "base/log.h"
#include "model/repo_place.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

// One sentence for every way not to be let in, so that nobody learns which repositories are connected.
tl::unexpected<Error> not_let_in() {
  return fail(Errc::unauthenticated, "the delivery's signature does not fit any connected repository");
}

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

// The connections of the claimed repository whose secret signed this body. Every candidate is checked, and an
// unknown repository costs a check too.
Result<std::vector<model::RepoConnection>> verified_connections(const HookDeps& deps,
                                                                const scm::GithubDelivery& delivery,
                                                                const model::DeliveryOrigin& origin,
                                                                std::string_view signature) {
  const Result<scm::ClaimedRepo> claimed = scm::github_claimed_repo(delivery);
  std::vector<model::RepoConnection> candidates;
  if (claimed) {
    Result<std::vector<model::RepoConnection>> found =
        deps.connections.connections_of_repo("github", claimed->id, claimed->full_name);
    if (!found) return found;
    candidates = std::move(*found);
  }
  std::vector<model::RepoConnection> verified;
  if (candidates.empty() && scm::github_signature_ok("nobody's", delivery.body, signature))
    return not_let_in();
  for (const model::RepoConnection& connection : candidates) {
    const Result<std::optional<store::ConnectionStore::Hook>> hook = deps.connections.hook(connection.uuid);
    if (!hook) return tl::unexpected<Error>(hook.error());
    const std::string secret = *hook ? (*hook)->secret : deps.github_secret;
    const bool fits = scm::github_signature_ok(secret, delivery.body, signature);
    if (fits && !secret.empty()) verified.push_back(connection);
  }
  if (verified.empty()) {
    for (const model::RepoConnection& connection : candidates) {
      if (deps.note_refused) deps.note_refused(connection, origin);
    }
    return not_let_in();
  }
  return verified;
}

std::string repo_id_of(const model::ScmEvent& event) {
  if (const auto* request = std::get_if<model::PullRequestEvent>(&event)) return request->repo_id;
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

Result<queue::Taken> take_event(const HookDeps& deps, const model::RepoConnection& connection,
                                const model::ScmEvent& event, const scm::GithubDelivery& delivery,
                                const model::DeliveryOrigin& origin, HookDeps::Until until) {
  if (const auto* ignored = std::get_if<model::IgnoredEvent>(&event))
    return deps.queue.take_nothing(connection, origin, delivery.delivery_id, ignored->why);
  if (const auto* request = std::get_if<model::PullRequestEvent>(&event))
    return take_for(deps, connection, *request, origin, until);
  return take_for(deps, connection, std::get<std::vector<model::PushEvent>>(event), origin, until);
}

// What was signed and cannot be read is kept with the reason, and refused.
tl::unexpected<Error> unreadable(const HookDeps& deps, const std::vector<model::RepoConnection>& connections,
                                 const scm::GithubDelivery& delivery, const model::DeliveryOrigin& origin,
                                 const Error& error) {
  for (const model::RepoConnection& connection : connections) {
    const Result<queue::Taken> kept = deps.queue.take_nothing(connection, origin, delivery.delivery_id,
                                                              "it could not be read: " + error.message);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  return tl::unexpected<Error>(error);
}

}  // namespace

Status check_github_delivery(const http::Request& request) {
  if (request.header("x-github-event").empty() || request.header("x-github-delivery").empty()) {
    return fail(Errc::invalid,
                "Invalid request: the X-GitHub-Event and X-GitHub-Delivery headers are required",
                "X-GitHub-Delivery");
  }
  if (!scm::is_github_signature(request.header("x-hub-signature-256"))) return not_let_in();
  return {};
}

Result<http::Reply> take_github_delivery(const HookDeps& deps, const http::Request& request) {
  if (const Status sound = check_github_delivery(request); !sound)
    return tl::unexpected<Error>(sound.error());
  // What makes two deliveries one is what was signed: the id in the header is not, so a signed body that
  // somebody has seen would build again under any other id. GitHub's bodies carry their time, so two pushes
  // differ.
  const scm::GithubDelivery delivery{std::string(request.header("x-github-event")), sha256_hex(request.body),
                                     std::string(request.header("content-type")), request.body};
  const model::DeliveryOrigin origin{"github", std::string(request.header("x-github-delivery")),
                                     delivery.event, model::SignatureResult::verified};
  const Result<std::vector<model::RepoConnection>> connections =
      verified_connections(deps, delivery, origin, request.header("x-hub-signature-256"));
  if (!connections) return tl::unexpected<Error>(connections.error());
  const Result<model::ScmEvent> event = scm::parse_github(delivery);
  if (!event) return unreadable(deps, *connections, delivery, origin, event.error());
  queue::Taken all;
  const HookDeps::Until until = patience();
  for (const model::RepoConnection& connection : *connections) {
    learn_repo_id(deps, connection, repo_id_of(*event));
    Result<queue::Taken> taken = take_event(deps, connection, *event, delivery, origin, until);
    if (!taken) return tl::unexpected<Error>(taken.error());
    all.duplicate |= taken->duplicate;
    all.builds.insert(all.builds.end(), taken->builds.begin(), taken->builds.end());
    all.notes.insert(all.notes.end(), taken->notes.begin(), taken->notes.end());
  }
  return success_response(taken_json(all));
}

}  // namespace kiln::api
