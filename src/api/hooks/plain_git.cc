#include "scm/hooks/plain_git.h"

#include <fmt/format.h>

#include "api/acts.h"
#include "api/auth.h"
#include "api/hooks/handlers.h"
#include "base/hash.h"
#include "base/strings.h"

namespace kiln::api {
namespace {

// The report's own id stands in its body.
model::DeliveryOrigin git_report() {
  return {"git", "", "push", model::SignatureResult::hook_secret};
}

// The lines that the person who pushes sees behind "remote:".
std::string words_for(const HookDeps& deps, const queue::Taken& taken) {
  std::string text;
  bool queued = false;
  for (const queue::Taken::Made& made : taken.builds) {
    const std::string what =
        fmt::format("{} ({} @ {})", made.worker_name, made.branch, made.commit.substr(0, 7));
    if (made.skipped.empty()) {
      queued = true;
      text += fmt::format("Kiln: build {} queued for {}\n", made.build.str(), what);
    } else {
      text += fmt::format("Kiln: build {} skipped for {}: {}\n", made.build.str(), what, made.skipped);
    }
  }
  for (const std::string& note : taken.notes) text += fmt::format("Kiln: nothing to build: {}\n", note);
  const std::optional<std::string> why =
      queued && deps.why_no_builds ? deps.why_no_builds() : std::optional<std::string>();
  if (why)
    text += fmt::format("Kiln: WARNING: it waits, since no runner takes builds at present: {}\n", *why);
  return text;
}

// The connection whose hook's secret the request shows.
Result<model::RepoConnection> connection_of(const HookDeps& deps, const http::Request& request) {
  const Result<std::optional<model::RepoConnection>> connection =
      deps.connections.connection_by_hook_id(request.param("hook_id"));
  if (!connection) return tl::unexpected<Error>(connection.error());
  std::vector<std::string> secrets;
  if (*connection) {
    Result<std::vector<std::string>> found = deps.secrets(**connection);
    if (!found) return tl::unexpected<Error>(found.error());
    secrets = std::move(*found);
  }
  bool fits = false;
  for (const std::string& secret : secrets) {
    fits |= !secret.empty() && equal_constant_time(secret, bearer_of(request));
  }
  if (!fits) {
    if (*connection && deps.note_refused) deps.note_refused(**connection, git_report());
    return fail(Errc::unauthenticated,
                "this hook is not known here; connect the repository again with kiln connect");
  }
  return **connection;
}

// What the report asks for; what cannot be read is kept with the reason, and refused.
Result<queue::Taken> take_report(const HookDeps& deps, const model::RepoConnection& connection,
                                 std::string_view body) {
  const Result<model::ScmEvent> event = scm::parse_plain_git(body);
  if (!event) {
    const auto kept = deps.queue.take_nothing(connection, git_report(), "",
                                              "it could not be read: " + event.error().message);
    return tl::unexpected<Error>(kept ? event.error() : kept.error());
  }
  if (const auto* ignored = std::get_if<model::IgnoredEvent>(&*event))
    return deps.queue.take_nothing(connection, git_report(), "", ignored->why);
  return take_for(deps, connection, std::get<std::vector<model::PushEvent>>(*event), git_report(),
                  patience());
}

}  // namespace

Status check_git_report(const HookDeps& deps, const http::Request& request) {
  const Result<model::RepoConnection> connection = connection_of(deps, request);
  if (!connection) return tl::unexpected<Error>(connection.error());
  Gate::counts_to(request, sha256(request.param("hook_id")));
  return {};
}

Result<http::Reply> take_git_report(const HookDeps& deps, const http::Request& request) {
  const Result<model::RepoConnection> connection = connection_of(deps, request);
  if (!connection) return tl::unexpected<Error>(connection.error());
  acts_as({"hook", connection->uuid.str(), "git"}, connection->account_id);
  const Result<queue::Taken> taken = take_report(deps, *connection, request.body);
  if (!taken) return tl::unexpected<Error>(taken.error());
  return http::Response{200, {{"content-type", "text/plain; charset=utf-8"}}, words_for(deps, *taken)};
}

}  // namespace kiln::api
