// Answers for readers that poll: an entity tag over the body's bytes, 304 when the reader has them already,
// and gzip when it asks for it (RFC 9110, sections 8.8.3, 13.1.2 and 12.5.3). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/http/message.h"

namespace kiln::http {

// For a 200 to GET or HEAD: adds `etag` and `vary`, and makes it a 304 or compresses it as `request` allows.
// Everything else is left as it is. The tag is weak, since it stands for the body before compression.
void answer_conditionally(const Request& request, Response& response);

// W/"…" of 128 bits of XXH3 over the body: distinct for distinct bodies by chance alone, which does for a
// cache of one caller's own reads.
[[nodiscard]] std::string entity_tag(std::string_view body);

// Whether If-None-Match names the tag, by weak comparison; "*" names any.
[[nodiscard]] bool names_tag(std::string_view if_none_match, std::string_view tag);

// Whether Accept-Encoding takes gzip: named, or by "*", with a weight above zero.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

}  // namespace kiln::http
