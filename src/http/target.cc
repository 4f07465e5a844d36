#include <algorithm>

#include "base/hex.h"
#include "base/strings.h"
#include "http/router.h"

namespace kiln::http {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

enum class Plus { literal, space };

// Into `out`, whose room is used again, a part of a target that has_target_bytes(). False on bad
// percent-encoding, and, unless it may, where it hides a control character.
bool decode(std::string_view text, Plus plus, bool any_character, std::string& out) {
  const bool coded = text.find('%') != std::string_view::npos ||
                     (plus == Plus::space && text.find('+') != std::string_view::npos);
  if (!coded) {
    out = text;
    return true;
  }
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::space) {
      c = ' ';
    }
    if (!any_character && is_control(c)) return false;
    out.push_back(c);
  }
  return true;
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

Status bad(std::string_view why) {
  return fail(Errc::invalid, "Invalid request: the request target " + std::string(why));
}

Status parse_path(std::string_view path, bool any_path, Request& request) {
  request.path = path;
  request.segments.clear();
  path.remove_prefix(1);
  if (path.empty()) return {};
  while (true) {
    const std::size_t slash = path.find('/');
    std::string& segment = request.segments.emplace_back();
    if (!decode(path.substr(0, slash), Plus::literal, any_path, segment)) {
      return bad("holds bad percent-encoding or a control character");
    }
    if (!any_path && has_dot_part(segment)) return bad("holds a \".\" or \"..\" segment");
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return {};
}

// Whether each byte may stand in a target: printable ASCII but '#'.
bool has_target_bytes(std::string_view text) {
  return !any_byte(text, [](unsigned char c) { return (c >= 0x7f) | (c <= ' ') | (c == '#'); });
}

Status parse_query(std::string_view query, bool any_path, Request& request) {
  std::size_t pairs = 0;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    if (pairs == request.query.size()) request.query.emplace_back();
    auto& [name, value] = request.query[pairs++];
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!decode(pair.substr(0, equals), Plus::space, any_path, name) ||
        !decode(pair.substr(std::min(equals + 1, pair.size())), Plus::space, any_path, value)) {
      return bad("holds bad percent-encoding or a control character in its query");
    }
  }
  request.query.resize(pairs);
  return {};
}

}  // namespace

Status parse_target(std::string_view target, Request& request, bool any_path) {
  if (!target.starts_with('/')) return bad("is not a path");
  if (!has_target_bytes(target)) {
    return bad("holds a space, a fragment, or a byte that must be percent-encoded");
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  if (Status path = parse_path(target.substr(0, question), any_path, request); !path) return path;
  request.query_text = target.substr(std::min(question + 1, target.size()));
  return parse_query(request.query_text, any_path, request);
}

}  // namespace kiln::http
