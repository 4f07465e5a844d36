#include <fmt/format.h>

#include <utility>
#include <vector>

#include "scm/forge/hooks/bitbucket_server_events.h"
#include "scm/forge/hooks/claimed_words.h"
#include "scm/forge/hooks/payload.h"
#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/signature.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kServerScheme = "sha256=";

class BitbucketServerHooks final : public HookReader {
 public:
  bool claims(const HookRequest& request) const override {
    return !request.header("x-event-key").empty() && request.header("x-hook-uuid").empty() &&
           request.header("x-request-uuid").empty();
  }

  Status check_head(const HookRequest& request) const override {
    if (!claims(request)) {
      return fail(Errc::invalid, "Invalid request: the X-Event-Key header is required", "X-Event-Key");
    }
    if (!is_hex_signature(kServerScheme, request.header("x-hub-signature")))
      return fail(Errc::unauthenticated, "the delivery has no signature", "X-Hub-Signature");
    return {};
  }

  HookNames names(const HookRequest& request) const override {
    return {std::string(request.header("x-event-key")), std::string(request.header("x-request-id"))};
  }

  // Pushes name it at the top, pull requests as where they are to be merged, renames as what it became.
  Result<ClaimedRepo> claimed_repo(const HookRequest& request) const override {
    Result<std::vector<std::string>> words =
        claimed_words(request, {{"repository.id", true},
                                {"repository.project.key"},
                                {"repository.slug"},
                                {"pullRequest.toRef.repository.id", true},
                                {"pullRequest.toRef.repository.project.key"},
                                {"pullRequest.toRef.repository.slug"},
                                {"new.id", true},
                                {"new.project.key"},
                                {"new.slug"}});
    if (!words) return tl::unexpected<Error>(words.error());
    for (std::size_t at = 0; at < words->size(); at += 3) {
      if (words->at(at).empty()) continue;
      return ClaimedRepo{words->at(at), fmt::format("{}/{}", words->at(at + 1), words->at(at + 2)), {}};
    }
    return fail(Errc::invalid, "the delivery names no repository", "repository");
  }

  bool is_signed_by(std::string_view secret, const HookRequest& request, TimeMs /*now*/) const override {
    return hex_signature_fits(kServerScheme, secret, request.body, request.header("x-hub-signature"));
  }

  Result<model::ScmEvent> parse(const HookRequest& request, const std::string& delivery_key) const override {
    const std::string_view event = request.header("x-event-key");
    if (!is_bitbucket_server_event(event))
      return model::ScmEvent(model::IgnoredEvent{fmt::format("event {} builds nothing", event)});
    const Result<boost::json::object> payload = payload_of(request);
    if (!payload) return tl::unexpected<Error>(payload.error());
    if (event == "repo:refs_changed") return parse_bitbucket_server_push(*payload, delivery_key);
    if (event == "repo:modified") return parse_bitbucket_server_rename(*payload, delivery_key);
    return parse_bitbucket_server_pull_request(*payload, event, delivery_key);
  }
};

}  // namespace

const HookReader& bitbucket_server_hooks() {
  static const BitbucketServerHooks one;
  return one;
}

}  // namespace kiln::scm
