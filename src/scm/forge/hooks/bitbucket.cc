#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/hash.h"
#include "scm/forge/hooks/bitbucket_events.h"
#include "scm/forge/hooks/claimed_words.h"
#include "scm/forge/hooks/payload.h"
#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/signature.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kBitbucketScheme = "sha256=";

class BitbucketHooks final : public HookReader {
 public:
  // Data Center sends the event's key too, but neither of the others.
  bool claims(const HookRequest& request) const override {
    return !request.header("x-event-key").empty() &&
           (!request.header("x-hook-uuid").empty() || !request.header("x-request-uuid").empty());
  }

  Status check_head(const HookRequest& request) const override {
    if (!claims(request)) {
      return fail(Errc::invalid, "Invalid request: the X-Event-Key and X-Request-UUID headers are required",
                  "X-Event-Key");
    }
    if (!is_hex_signature(kBitbucketScheme, request.header("x-hub-signature")))
      return fail(Errc::unauthenticated, "the delivery has no signature", "X-Hub-Signature");
    return {};
  }

  HookNames names(const HookRequest& request) const override {
    return {std::string(request.header("x-event-key")), std::string(request.header("x-request-uuid"))};
  }

  Result<ClaimedRepo> claimed_repo(const HookRequest& request) const override {
    Result<std::vector<std::string>> words = claimed_words(
        request, {{"repository.uuid"}, {"repository.full_name"}, {"repository.links.html.href"}});
    if (!words) return tl::unexpected<Error>(words.error());
    std::string clone = words->at(2).empty() ? std::string() : words->at(2) + ".git";
    return ClaimedRepo{std::move(words->at(0)), std::move(words->at(1)), std::move(clone)};
  }

  bool is_signed_by(std::string_view secret, const HookRequest& request, TimeMs /*now*/) const override {
    return hex_signature_fits(kBitbucketScheme, secret, request.body, request.header("x-hub-signature"));
  }

  // A push's body carries no time, so that the same one can come twice by right (a branch put back and
  // forth); the request's id, which stays the same while it is tried again, makes the difference.
  std::string delivery_key(const HookRequest& request) const override {
    return sha256_hex(fmt::format("{}\n{}", request.header("x-request-uuid"), request.body));
  }

  Result<model::ScmEvent> parse(const HookRequest& request, const std::string& delivery_key) const override {
    const std::string_view event = request.header("x-event-key");
    if (!is_bitbucket_event(event))
      return model::ScmEvent(model::IgnoredEvent{fmt::format("event {} builds nothing", event)});
    const Result<boost::json::object> payload = payload_of(request);
    if (!payload) return tl::unexpected<Error>(payload.error());
    if (event == "repo:push") return parse_bitbucket_push(*payload, delivery_key);
    if (event.starts_with("pullrequest:")) return parse_bitbucket_pull_request(*payload, event, delivery_key);
    return parse_bitbucket_repository(*payload, event, delivery_key);
  }
};

}  // namespace

const HookReader& bitbucket_hooks() {
  static const BitbucketHooks one;
  return one;
}

}  // namespace kiln::scm
