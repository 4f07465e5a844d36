// Upload bodies: parts must lie inside the body and come out the same when written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "workers/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto parts = kiln::workers::parse_multipart("multipart/form-data; boundary=b", body);
  if (parts) {
    for (const kiln::workers::Part& part : *parts) {
      if (part.content.empty()) continue;
      if (part.content.data() < body.data() ||
          part.content.data() + part.content.size() > body.data() + body.size()) {
        std::abort();
      }
      if (part.content.find("\r\n--b") != std::string_view::npos) std::abort();
    }
  }
  // The header is hostile as well.
  const std::string_view type = body.substr(0, body.find('\n'));
  (void)kiln::workers::parse_multipart(type, body.substr(type.size()));
  return 0;
}
