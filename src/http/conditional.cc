#include "http/conditional.h"

#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "base/strings.h"

namespace kiln::http {
namespace {

constexpr std::size_t kWorthCompressing = 1024;
constexpr int kFastest = 1;
constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for the gzip format

std::optional<std::string> gzip(std::string_view body) {
  z_stream stream{};
  if (deflateInit2(&stream, kFastest, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return std::nullopt;
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!whole) return std::nullopt;
  return out;
}

// Compressing costs twenty times what the rest of an answer does, and whoever polls asks for the same bytes
// again. One of a thread's last answers by its tag; a place is taken over by the next tag that falls on it.
class LastSqueezed {
 public:
  [[nodiscard]] const SharedBytes* find(const std::string& tag) const {
    const Entry& entry = place_of(tag);
    return entry.tag == tag ? &entry.bytes : nullptr;
  }
  void put(const std::string& tag, const SharedBytes& bytes) {
    if (bytes.size <= kLargest) entries_[std::hash<std::string>{}(tag) % entries_.size()] = {tag, bytes};
  }

 private:
  static constexpr std::size_t kLargest = 64U << 10U;
  struct Entry {
    std::string tag;
    SharedBytes bytes;
  };
  [[nodiscard]] const Entry& place_of(const std::string& tag) const {
    return entries_[std::hash<std::string>{}(tag) % entries_.size()];
  }
  std::array<Entry, 64> entries_;
};

// The body compressed, or nothing when that failed.
std::optional<SharedBytes> squeeze(Response& response, const std::string& tag) {
  thread_local LastSqueezed last;
  if (const SharedBytes* known = last.find(tag)) return *known;
  response.flatten();
  const std::optional<std::string> compressed = gzip(response.body);
  if (!compressed) return std::nullopt;
  SharedBytes bytes = SharedBytes::copy_of(*compressed);
  last.put(tag, bytes);
  return bytes;
}

// "gzip;q=0" → ("gzip", false).
std::pair<std::string, bool> coding_of(std::string_view item) {
  const std::size_t semicolon = std::min(item.find(';'), item.size());
  std::string weight(item.substr(semicolon));
  weight.erase(std::remove_if(weight.begin(), weight.end(), [](char c) { return c == ' ' || c == '\t'; }),
               weight.end());
  const bool wanted = !weight.starts_with(";q=0") || weight.find_first_of("123456789") != std::string::npos;
  return {to_lower(trim(item.substr(0, semicolon))), wanted};
}

}  // namespace

Digest digest_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::string entity_tag(const Digest& digest) {
  // By hand: every answer to a poll has one.
  constexpr std::string_view digits = "0123456789abcdef";
  std::string tag = "W/\"00000000000000000000000000000000\"";
  char* at = tag.data() + 3;
  for (const std::uint64_t half : digest) {
    for (int shift = 60; shift >= 0; shift -= 4) *at++ = digits[half >> static_cast<unsigned>(shift) & 0xfU];
  }
  return tag;
}

std::string entity_tag(std::string_view body) {
  return entity_tag(digest_of(body));
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  if (if_none_match.empty()) return false;
  const auto opaque = [](std::string_view text) { return text.starts_with("W/") ? text.substr(2) : text; };
  for (const std::string& item : split(if_none_match, ',')) {
    const std::string_view named = trim(item);
    if (named == "*" || (!named.empty() && opaque(named) == opaque(tag))) return true;
  }
  return false;
}

bool accepts_gzip(std::string_view accept_encoding) {
  if (accept_encoding.empty()) return false;
  std::optional<bool> any;
  for (const std::string& item : split(accept_encoding, ',')) {
    const auto [coding, wanted] = coding_of(item);
    if (coding == "gzip" || coding == "x-gzip") return wanted;
    if (coding == "*") any = wanted;
  }
  return any.value_or(false);
}

void answer_conditionally(const Request& request, Response& response) {
  if (response.status != 200 || (request.method != "GET" && request.method != "HEAD")) return;
  response.headers.emplace_back("vary", "accept-encoding");
  auto given = std::find_if(response.headers.begin(), response.headers.end(),
                            [](const auto& header) { return header.first == "etag"; });
  if (given == response.headers.end()) {
    response.flatten();
    given = response.headers.emplace(given, "etag", entity_tag(response.body));
  }
  const bool known = names_tag(request.header("if-none-match"), given->second);
  if (known) {
    response.status = 304;
    response.body.clear();
    response.shared.clear();
    response.tail.clear();
    return;
  }
  if (!accepts_gzip(request.header("accept-encoding")) || response.size() < kWorthCompressing) return;
  if (const std::optional<SharedBytes> squeezed = squeeze(response, given->second)) {
    response.body.clear();
    response.tail.clear();
    response.shared.clear();
    response.shared.add(*squeezed);
    response.headers.emplace_back("content-encoding", "gzip");
  }
}

}  // namespace kiln::http
