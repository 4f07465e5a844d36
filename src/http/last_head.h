// The head of a connection's last request, for the next to be held against: a client that polls sends the
// same one again and again, but for the query. Such a head need not be parsed, nor what follows from it
// found, another time. Owned by the connection's RequestParser; its thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::http {

class LastHead {
 public:
  struct Repeat {
    std::size_t size = 0;    // bytes of the head
    std::string_view query;  // of its target, without the '?'; a part of the bytes that were given
  };

  // `head`: a whole one, as it was received, and the method and target that it was found to have. One that
  // does not begin with both, or whose target is not a path, is forgotten.
  void keep(std::string_view head, std::string_view method, std::string_view target);
  void forget() { after_.clear(); }

  // When `bytes` begin with the same head, byte for byte, but for what follows the '?' of its target. That
  // holds nothing that parse_target() would refuse by looking at single bytes.
  [[nodiscard]] std::optional<Repeat> find_in(std::string_view bytes) const;

 private:
  std::string before_;  // as far as the target's '?', which it includes, or the target's end
  std::string after_;   // from the blank behind the target on; empty when there is nothing to compare with
};

}  // namespace kiln::http
