// Answers for readers that poll: an entity tag over the body's bytes, 304 when the reader has them already,
// and gzip when it asks for it (RFC 9110, sections 8.8.3, 13.1.2 and 12.5.3). Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"

namespace kiln::http {

// For a 200 to GET or HEAD: adds `etag`, unless the handler has set one, and `vary`, and makes it a 304 or
// compresses it as `request` allows. Everything else is left as it is. The tag is weak, since it stands for
// the body before compression.
void answer_conditionally(const Request& request, Response& response);

// 128 bits of XXH3: distinct for distinct bytes by chance alone, which does for a cache of one caller's own
// reads.
using Digest = std::array<std::uint64_t, 2>;
[[nodiscard]] Digest digest_of(std::string_view bytes);

// W/"…" of the digest, or of the body's.
[[nodiscard]] std::string entity_tag(const Digest& digest);
[[nodiscard]] std::string entity_tag(std::string_view body);

// Whether If-None-Match names the tag, by weak comparison; "*" names any.
[[nodiscard]] bool names_tag(std::string_view if_none_match, std::string_view tag);

// Whether Accept-Encoding takes gzip: named, or by "*", with a weight above zero.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

}  // namespace kiln::http
