#include <algorithm>
#include <optional>

#include "api/http/router.h"
#include "base/hex.h"
#include "base/strings.h"

namespace kiln::http {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Whether `holds` is true of some byte. All are looked at, without a branch, so that the processor takes many
// at once: the target of a batch look-up is nearly a kilobyte.
template <typename Holds>
bool any_byte(std::string_view text, Holds holds) {
  unsigned char any = 0;
  for (const char c : text) any |= static_cast<unsigned char>(holds(static_cast<unsigned char>(c)));
  return any != 0;
}

enum class Plus { literal, space };

// Of a part of a target that parse_target() has looked through. Nothing on bad percent-encoding, and where it
// hides a control character.
std::optional<std::string> decode(std::string_view text, Plus plus) {
  const bool coded = text.find('%') != std::string_view::npos ||
                     (plus == Plus::space && text.find('+') != std::string_view::npos);
  if (!coded) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::space) {
      c = ' ';
    }
    if (is_control(c)) return std::nullopt;
    out.push_back(c);
  }
  return out;
}

// True when some part of the decoded segment, cut at either slash, would climb or stay in a folder.
bool has_dot_part(std::string_view segment) {
  if (segment.find('.') == std::string_view::npos) return false;
  while (true) {
    const auto end =
        std::find_if(segment.begin(), segment.end(), [](char c) { return c == '/' || c == '\\'; });
    const auto size = static_cast<std::size_t>(end - segment.begin());
    const std::string_view part = segment.substr(0, size);
    if (part == "." || part == "..") return true;
    if (end == segment.end()) return false;
    segment.remove_prefix(size + 1);
  }
}

// The absolute form "http://host/path" is for proxies, but every server must read it (RFC 9112 3.2.2).
std::string_view without_authority(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos || scheme > 5) return target;
  const std::string name = to_lower(target.substr(0, scheme));
  if (name != "http" && name != "https") return target;
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos || target[path] == '?' ? "/" : target.substr(path);
}

Status bad(std::string_view why) {
  return fail(Errc::invalid, "Invalid request: the request target " + std::string(why));
}

Status parse_path(std::string_view path, Request& request) {
  request.path = path;
  request.segments.clear();
  path.remove_prefix(1);
  if (path.empty()) return {};
  while (true) {
    const std::size_t slash = path.find('/');
    auto segment = decode(path.substr(0, slash), Plus::literal);
    if (!segment) return bad("holds bad percent-encoding or a control character");
    if (has_dot_part(*segment)) return bad("holds a \".\" or \"..\" segment");
    request.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return {};
}

Status parse_query(std::string_view text, Request& request) {
  request.query.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), Plus::space);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), Plus::space);
    if (!name || !value) return bad("holds bad percent-encoding or a control character in its query");
    request.query.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

}  // namespace

Status parse_target(std::string_view target, Request& request) {
  target = without_authority(target);
  if (!target.starts_with('/')) return bad("is not a path");
  if (any_byte(target, [](unsigned char c) { return (c >= 0x7f) | (c <= ' ') | (c == '#'); })) {
    return bad("holds a space, a fragment, or a byte that must be percent-encoded");
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  if (Status path = parse_path(target.substr(0, question), request); !path) return path;
  return parse_query(target.substr(std::min(question + 1, target.size())), request);
}

}  // namespace kiln::http
