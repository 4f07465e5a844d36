// A delivery: what a source host or a repository's hook reported once, and what each trigger made of it, so
// that "why was it not built?" has an answer. Values and pure functions; any thread. The stored truth is the
// store's, which keeps a delivery in the transaction of its builds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

// built: a build was queued. skipped: one was recorded and never ran. passed_over: the trigger is not for it.
enum class Decision { built, skipped, passed_over };

// How the sender proved itself: by a signature over the body, by none that fits, by showing the secret of the
// connection's own hook; or nobody sent anything, and Kiln asked the host itself.
enum class SignatureResult { verified, refused, hook_secret, asked };

// Events of what Kiln asked for itself: of a repository that is polled, and of one whose hook left it out.
inline constexpr const char* kPollEvent = "poll";
inline constexpr const char* kCatchUpEvent = "catch_up";

[[nodiscard]] std::string_view to_string(Decision decision);
[[nodiscard]] std::string_view to_string(SignatureResult result);
[[nodiscard]] std::optional<Decision> parse_decision(std::string_view text);
[[nodiscard]] std::optional<SignatureResult> parse_signature_result(std::string_view text);

// What one trigger made of one ref. Names are those of that moment.
struct Verdict {
  Uuid trigger_uuid;
  std::string trigger_name;
  std::string worker_name;
  std::string worker_tag;
  std::string branch;  // or the whole ref, when it is none
  std::string commit;  // empty: the ref was deleted
  Decision decision = Decision::passed_over;
  std::string rule;           // which pattern or marker decided, in words
  std::optional<Uuid> build;  // built or skipped

  bool operator==(const Verdict&) const = default;
};

struct DeliveryRef {
  std::string ref;     // refs/heads/main
  std::string branch;  // main; of a fork's pull request "owner:branch"; empty: the ref is no branch
  std::string before;  // commits; empty: the ref is new
  std::string after;   // empty: it was deleted

  bool operator==(const DeliveryRef&) const = default;
};

// What the receiver of a delivery knows before it looks into it.
struct DeliveryOrigin {
  std::string provider;     // "github", "git"; "poll": Kiln itself
  std::string provider_id;  // the sender's own id, as its pages show it
  std::string event;        // "push", "pull_request", …
  SignatureResult signature = SignatureResult::verified;

  bool operator==(const DeliveryOrigin&) const = default;
};

struct Delivery {
  Uuid uuid;
  std::string account_id;  // never empty: what belongs to nobody is not kept
  Uuid connection;         // none (Uuid()): an App told of a repository that nobody has connected
  std::string repo_name;
  DeliveryOrigin origin;
  TimeMs received_on = 0;         // the first time
  std::int64_t repeated = 0;      // how often it came again
  std::vector<DeliveryRef> refs;  // none of a refused one, whose body nobody vouches for
  std::vector<Verdict> verdicts;
  std::vector<std::string> notes;  // what else there is to say, in words

  bool operator==(const Delivery&) const = default;
};

// What of one delivery is kept: more refs, and more verdicts of triggers that pass it over, are left out.
inline constexpr std::size_t kMostRefsKept = 100;
inline constexpr std::size_t kMostPassedOverKept = 500;
inline constexpr std::size_t kLongestKeptText = 1'024;  // bytes of a rule or a note

}  // namespace kiln::model
