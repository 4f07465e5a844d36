// Requests as a host's deliveries, for tests. One thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/hex.h"
#include "scm/forge/hook_reader.h"

namespace kiln::scm {

// Owns what a HookRequest looks at.
struct Delivered {
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;

  [[nodiscard]] HookRequest request() const {
    return {[this](std::string_view name) {
              const auto found = headers.find(name);
              return found == headers.end() ? std::string_view() : std::string_view(found->second);
            },
            body};
  }
};

inline std::string hex_hmac(const std::string& secret, const std::string& bytes) {
  return to_hex(hmac_sha256(secret, bytes));
}

template <typename Event>
Event event_of(const Result<model::ScmEvent>& event) {
  if (!event) return {};
  const Event* found = std::get_if<Event>(&*event);
  return found == nullptr ? Event{} : *found;
}

inline std::string why_ignored(const Result<model::ScmEvent>& event) {
  return event_of<model::IgnoredEvent>(event).why;
}

}  // namespace kiln::scm
