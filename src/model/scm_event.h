// What a source host told us, once verified and parsed: a push to one ref. Values: any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "model/pattern.h"

namespace kiln::model {

// One ref of one push. Zero ids ("0000…") become empty strings.
struct PushEvent {
  std::string provider;        // "github", "git"
  std::string delivery_id;     // the host's id of this delivery; dedupes redeliveries
  std::string repo_id;         // may be empty for plain git, where the hook's secret names the connection
  std::string repo_full_name;  // "owner/name"; may be empty
  std::string clone_url;       // as the host says; data, never trusted as an address
  std::string ref;             // refs/heads/main
  std::string before;          // empty: the ref is new
  std::string after;           // empty: the ref was deleted
  bool forced = false;
  std::string head_message;
  std::string author;
  std::string pusher;
  bool skip_requested = false;  // git push -o ci.skip
  ChangedFiles changed;

  [[nodiscard]] bool deleted() const { return after.empty(); }
  // "main" for refs/heads/main, empty for anything else.
  [[nodiscard]] std::string branch() const;
};

// A delivery that asks nothing of us; `why` goes into the answer and the service log.
struct IgnoredEvent {
  std::string why;
};

using ScmEvent = std::variant<std::vector<PushEvent>, IgnoredEvent>;

// The skip marker that the head commit's message carries, such as "[skip ci]", or empty. Case-insensitive,
// anywhere.
[[nodiscard]] std::string skip_marker(std::string_view head_message);

}  // namespace kiln::model
