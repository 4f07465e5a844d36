// Request targets and the id lists in their queries: no accepted path leaves its folder, no list exceeds its
// bound.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/builds/id_lists.h"
#include "http/router.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  kiln::http::Request request;
  if (kiln::http::parse_target(text, request)) {
    for (const std::string& segment : request.segments) {
      if (segment == "." || segment == ".." || segment.find('\0') != std::string::npos) std::abort();
    }
  }
  const auto ids = kiln::api::builds::parse_version_ids(text);
  if (ids && (ids->empty() || ids->size() > kiln::api::builds::kMostIds)) std::abort();
  (void)kiln::api::builds::parse_worker_tags(text);
  return 0;
}
