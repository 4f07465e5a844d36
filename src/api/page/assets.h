// The files of the page, compiled in from web/dist by tools/page_embed.py; without them, or with
// -DKILN_PAGE=OFF, a shell that says so. Constants; any thread.
#pragma once

#include <span>
#include <string_view>

namespace kiln::api::page {

struct Asset {
  std::string_view path;  // "/assets/page-0123456789.js"; the shell is "/"
  std::string_view content_type;
  std::string_view etag;  // with its quotes
  std::string_view bytes;
  std::string_view gzip;  // empty: no smaller
};

// Defined in the source that tools/page_embed.py writes. The first is the shell.
[[nodiscard]] std::span<const Asset> assets();

}  // namespace kiln::api::page
