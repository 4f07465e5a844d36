// Text as other notations have it, so that it stays text there. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// HTML, in an element as in an attribute's value.
[[nodiscard]] std::string html_escape(std::string_view text);
// One part of a URL's path or query: everything but RFC 3986's unreserved characters percent-encoded.
[[nodiscard]] std::string url_encode(std::string_view text);
// The same, but slashes stay.
[[nodiscard]] std::string url_encode_path(std::string_view path);

}  // namespace kiln
