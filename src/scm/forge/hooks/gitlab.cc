#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/hash.h"
#include "scm/forge/hooks/claimed_words.h"
#include "scm/forge/hooks/fields.h"
#include "scm/forge/hooks/gitlab_merge_request.h"
#include "scm/forge/hooks/payload.h"
#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/signature.h"

namespace kiln::scm {
namespace {

bool has_standard_signature(const HookRequest& request) {
  return !request.header("webhook-signature").empty() && !request.header("webhook-id").empty() &&
         !request.header("webhook-timestamp").empty();
}

Result<model::ScmEvent> parse_gitlab_push(const json::object& event, const std::string& delivery_key) {
  model::PushEvent push;
  push.provider = kGitlabProvider;
  push.delivery_id = delivery_key;
  const json::object* project = object_at(event, "project");
  if (project == nullptr) return missing("the push", "project");
  push.repo_id = id_at(*project);
  push.repo_full_name = text_at(*project, "path_with_namespace");
  push.clone_url = text_at(*project, "git_http_url");
  if (const Status read = read_ref(event, push); !read) return tl::unexpected<Error>(read.error());
  push.pusher = text_at(event, "user_username");
  // The list has the newest twenty.
  read_head_commit(listed_commit(event, push.after), push);
  if (push.author.empty()) push.author = text_at(event, "user_name");
  if (push.author.empty()) push.author = push.pusher;
  // The list is cut, and whether a push was forced is not said: git knows what changed.
  push.changed = files_of_commits(event, false);
  if (const auto total = number_at(event, "total_commits_count"); total && *total > 0)
    push.changed.commits = static_cast<std::size_t>(*total);
  return model::ScmEvent(std::vector<model::PushEvent>{std::move(push)});
}

class GitlabHooks final : public HookReader {
 public:
  bool claims(const HookRequest& request) const override { return !request.header("x-gitlab-event").empty(); }

  Status check_head(const HookRequest& request) const override {
    if (request.header("x-gitlab-event").empty()) {
      return fail(Errc::invalid, "Invalid request: the X-Gitlab-Event header is required", "X-Gitlab-Event");
    }
    if (request.header("x-gitlab-token").empty() && !has_standard_signature(request))
      return fail(Errc::unauthenticated, "the delivery shows no secret token", "X-Gitlab-Token");
    return {};
  }

  HookNames names(const HookRequest& request) const override {
    std::string id(request.header("idempotency-key"));
    if (id.empty()) id = request.header("webhook-id");
    if (id.empty()) id = request.header("x-gitlab-event-uuid");
    return {std::string(request.header("x-gitlab-event")), std::move(id)};
  }

  Result<ClaimedRepo> claimed_repo(const HookRequest& request) const override {
    Result<std::vector<std::string>> words = claimed_words(
        request, {{"project.id", true}, {"project.path_with_namespace"}, {"project.git_http_url"}});
    if (!words) return tl::unexpected<Error>(words.error());
    return ClaimedRepo{std::move(words->at(0)), std::move(words->at(1)), std::move(words->at(2))};
  }

  // A signing token is never shown, so that one which comes as it is proves nothing.
  bool is_signed_by(std::string_view secret, const HookRequest& request, TimeMs now) const override {
    if (is_standard_webhook_secret(secret)) {
      return standard_webhook_fits(secret,
                                   {request.header("webhook-id"), request.header("webhook-timestamp"),
                                    request.header("webhook-signature")},
                                   request.body, now);
    }
    return !secret.empty() && equal_constant_time(secret, request.header("x-gitlab-token"));
  }

  Status check_signing_token(std::string_view secret) const override {
    if (is_standard_webhook_secret(secret)) return {};
    return fail(Errc::invalid,
                "a signing token begins with whsec_, as GitLab shows it once beside the webhook",
                "signing_token");
  }

  // Bodies carry no time, so that the same push can come twice by right (a branch put back and forth): the id
  // makes the difference. It is proven like the rest: the token covers neither, a signature covers
  // webhook-id.
  std::string delivery_key(const HookRequest& request) const override {
    std::string id(request.header(has_standard_signature(request) ? "webhook-id" : "idempotency-key"));
    if (id.empty() && !request.header("x-gitlab-event-uuid").empty()) {
      id = fmt::format("{}/{}", request.header("x-gitlab-event-uuid"),
                       request.header("x-gitlab-webhook-uuid"));
    }
    return id.empty() ? sha256_hex(request.body) : sha256_hex("id:" + id);
  }

  Result<model::ScmEvent> parse(const HookRequest& request, const std::string& delivery_key) const override {
    const std::string_view event = request.header("x-gitlab-event");
    const bool is_system = event == "System Hook";
    const bool is_push = event == "Push Hook" || event == "Tag Push Hook";
    if (!is_system && !is_push && event != "Merge Request Hook")
      return model::ScmEvent(model::IgnoredEvent{fmt::format("event {} builds nothing", event)});
    const Result<json::object> payload = payload_of(request);
    if (!payload) return tl::unexpected<Error>(payload.error());
    std::string kind = text_at(*payload, "object_kind");
    if (kind.empty()) kind = text_at(*payload, "event_name");
    if (is_push || (is_system && (kind == "push" || kind == "tag_push")))
      return parse_gitlab_push(*payload, delivery_key);
    if (is_system && kind != "merge_request")
      return model::ScmEvent(model::IgnoredEvent{fmt::format("system hook {} builds nothing", kind)});
    return parse_gitlab_merge_request(*payload, delivery_key);
  }
};

}  // namespace

const HookReader& gitlab_hooks() {
  static const GitlabHooks one;
  return one;
}

}  // namespace kiln::scm
