// By what the log and an error's answer name a request: 16 hex digits, in no order that tells of others, or
// what a trusted proxy calls it. Belongs to the I/O thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::http {

class RequestIds {
 public:
  RequestIds();

  // Into `id`, whose room is kept.
  void next(std::string& id);

  // Whether a proxy's word may stand in logs: 1 to 64 of letters, digits, '-', '_', '.'.
  [[nodiscard]] static bool is_fine(std::string_view id);

 private:
  std::uint64_t state_;
};

}  // namespace kiln::http
