#include <fmt/format.h>

#include <utility>
#include <vector>

#include "scm/forge/hooks/claimed_words.h"
#include "scm/forge/hooks/fields.h"
#include "scm/forge/hooks/github_events.h"
#include "scm/forge/hooks/payload.h"
#include "scm/forge/hooks/pull_request.h"
#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/signature.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kSignatureScheme = "sha256=";

Result<model::ScmEvent> parse_github_push(const json::object& event, const std::string& delivery_key) {
  model::PushEvent push;
  push.provider = kGithubProvider;
  push.delivery_id = delivery_key;
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr) return missing("the push", "repository");
  push.repo_id = id_at(*repository);
  push.repo_full_name = text_at(*repository, "full_name");
  push.clone_url = text_at(*repository, "clone_url");
  if (const Status read = read_ref(event, push); !read) return tl::unexpected<Error>(read.error());
  push.forced = flag_at(event, "forced");
  read_head_commit(object_at(event, "head_commit"), push);
  if (const json::object* pusher = object_at(event, "pusher")) push.pusher = text_at(*pusher, "name");
  if (push.author.empty()) push.author = push.pusher;
  // GitHub cuts the lists on large pushes, and on a forced or new ref they do not describe the difference.
  push.changed = files_of_commits(event, !push.forced && !push.before.empty());
  return model::ScmEvent(std::vector<model::PushEvent>{std::move(push)});
}

class GithubHooks final : public HookReader {
 public:
  bool claims(const HookRequest& request) const override { return !request.header("x-github-event").empty(); }

  Status check_head(const HookRequest& request) const override {
    if (request.header("x-github-event").empty() || request.header("x-github-delivery").empty()) {
      return fail(Errc::invalid,
                  "Invalid request: the X-GitHub-Event and X-GitHub-Delivery headers are required",
                  "X-GitHub-Delivery");
    }
    if (!is_hex_signature(kSignatureScheme, request.header("x-hub-signature-256")))
      return fail(Errc::unauthenticated, "the delivery has no signature", "X-Hub-Signature-256");
    return {};
  }

  HookNames names(const HookRequest& request) const override {
    const bool of_app = request.header("x-github-hook-installation-target-type") == "integration";
    return {std::string(request.header("x-github-event")), std::string(request.header("x-github-delivery")),
            std::string(of_app ? request.header("x-github-hook-installation-target-id") : "")};
  }

  Result<ClaimedRepo> claimed_repo(const HookRequest& request) const override {
    Result<std::vector<std::string>> words =
        claimed_words(request, {{"repository.id", true}, {"repository.full_name"}, {"repository.clone_url"}});
    if (!words) return tl::unexpected<Error>(words.error());
    return ClaimedRepo{std::move(words->at(0)), std::move(words->at(1)), std::move(words->at(2))};
  }

  bool is_signed_by(std::string_view secret, const HookRequest& request, TimeMs /*now*/) const override {
    return hex_signature_fits(kSignatureScheme, secret, request.body, request.header("x-hub-signature-256"));
  }

  Result<model::ScmEvent> parse(const HookRequest& request, const std::string& delivery_key) const override {
    const std::string event(request.header("x-github-event"));
    if (!is_github_event(event))
      return model::ScmEvent(model::IgnoredEvent{fmt::format("event {} builds nothing", event)});
    const Result<json::object> payload = payload_of(request);
    if (!payload) return tl::unexpected<Error>(payload.error());
    if (event == "push") return parse_github_push(*payload, delivery_key);
    if (event == "pull_request") return parse_pull_request(*payload, kGithubProvider, delivery_key);
    const GithubSender sender{event, delivery_key,
                              std::string(request.header("x-github-hook-installation-target-type")),
                              std::string(request.header("x-github-hook-installation-target-id"))};
    return parse_github_news(*payload, sender);
  }
};

}  // namespace

const HookReader& github_hooks() {
  static const GithubHooks one;
  return one;
}

}  // namespace kiln::scm
