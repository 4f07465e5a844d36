#include "http/head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace kiln::http {
namespace {

constexpr std::size_t kMaxFields = 256;

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kToken = make_token_table();

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return kToken[static_cast<unsigned char>(c)]; });
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::array<std::pair<std::string_view, Name>, 14> kNames = {{
    {"accept", Name::accept},
    {"connection", Name::connection},
    {"content-length", Name::content_length},
    {"expect", Name::expect},
    {"host", Name::host},
    {"keep-alive", Name::keep_alive},
    {"proxy-authenticate", Name::proxy_authenticate},
    {"proxy-authorization", Name::proxy_authorization},
    {"proxy-connection", Name::proxy_connection},
    {"te", Name::te},
    {"transfer-encoding", Name::transfer_encoding},
    {"upgrade", Name::upgrade},
    {"x-forwarded-for", Name::x_forwarded_for},
    {"x-forwarded-proto", Name::x_forwarded_proto},
}};

// Sizes that occur among the names, so that most fields are told apart by their size alone.
constexpr std::uint64_t make_sizes() {
  std::uint64_t sizes = 0;
  for (const auto& [name, known] : kNames) sizes |= std::uint64_t{1} << name.size();
  return sizes;
}
constexpr std::uint64_t kSizes = make_sizes();

Name name_of(std::string_view name) {
  if (name.size() >= 64 || (kSizes >> name.size() & 1U) == 0) return Name::other;
  for (const auto& [text, known] : kNames) {
    if (text.size() == name.size() && same_name(text, name)) return known;
  }
  return Name::other;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Any byte but controls; a tab is fine.
bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

// The next line without its CR LF, cut off `rest`. Nothing for a line that ends otherwise.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

bool parse_fields(std::string_view rest, Head& into) {
  into.fields.clear();
  while (true) {
    const std::optional<std::string_view> line = take_line(rest);
    if (!line) return false;
    if (line->empty()) return rest.empty();
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || into.fields.size() == kMaxFields) return false;
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = trimmed(line->substr(colon + 1));
    if (!is_token(name) || !is_value(value)) return false;
    into.fields.push_back({name_of(name), name, value});
  }
}

bool take_options(std::string_view list, std::vector<std::string_view>& into) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view option = trimmed(list.substr(0, comma));
    if (!option.empty() && !is_token(option)) return false;
    if (!option.empty()) into.push_back(option);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return true;
}

bool parse_length(std::string_view text, std::uint64_t& into) {
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, into);
  return !text.empty() && text.front() != '-' && error == std::errc() && at == end;
}

// What Connection, Content-Length and Transfer-Encoding say together.
bool read_framing(Head& head) {
  int lengths = 0;
  int codings = 0;
  bool chunked = false;
  bool websocket = false;
  head.connection_options.clear();
  for (const Field& field : head.fields) {
    if (field.known == Name::content_length) {
      if (++lengths > 1 || !parse_length(field.value, head.length)) return false;
    } else if (field.known == Name::transfer_encoding) {
      ++codings;
      chunked = same_name(field.value, "chunked");
    } else if (field.known == Name::connection) {
      if (!take_options(field.value, head.connection_options)) return false;
    } else if (field.known == Name::upgrade) {
      websocket = same_name(field.value, "websocket");
    }
  }
  if (codings > 1 || (codings == 1 && (!chunked || lengths > 0))) return false;
  if (codings == 1) head.body = Body::chunked;
  if (lengths == 1) head.body = Body::length;
  bool upgrade = false;
  for (const std::string_view option : head.connection_options) {
    if (same_name(option, "close")) head.keep_alive = false;
    if (same_name(option, "upgrade")) upgrade = true;
  }
  head.upgrade = upgrade && websocket;
  return true;
}

// "http://host/path?query" → target "/path?query" and host.
bool read_target(Head& head) {
  if (head.target.starts_with('/') || head.target == "*") return true;
  const std::size_t scheme = head.target.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view name = head.target.substr(0, scheme);
  if (!same_name(name, "http") && !same_name(name, "https")) return false;
  const std::string_view rest = head.target.substr(scheme + 3);
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  head.host = rest.substr(0, path);
  head.target = path < rest.size() ? rest.substr(path) : std::string_view("/");
  // "http://host?query" has no path to stand before the query.
  return head.target.front() == '/' && !head.host.empty();
}

bool read_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  head.http_1_0 = version == "HTTP/1.0";
  const bool visible = std::all_of(head.target.begin(), head.target.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) != 0x7f;
  });
  return is_token(head.method) && !head.target.empty() && visible && read_target(head);
}

template <typename Fits>
std::optional<std::string_view> only_where(const std::vector<Field>& fields, const Fits& fits) {
  std::optional<std::string_view> found;
  for (const Field& field : fields) {
    if (!fits(field)) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

}  // namespace

bool same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() && std::equal(one.begin(), one.end(), other.begin(),
                                                  [](char a, char b) { return lower(a) == lower(b); });
}

std::optional<std::string_view> Head::only(Name name) const {
  return only_where(fields, [name](const Field& field) { return field.known == name; });
}

std::optional<std::string_view> Head::only(std::string_view name) const {
  return only_where(fields, [name](const Field& field) { return same_name(field.name, name); });
}

bool Head::is_hop_by_hop(const Field& field) const {
  switch (field.known) {
    case Name::connection:
    case Name::keep_alive:
    case Name::proxy_authenticate:
    case Name::proxy_authorization:
    case Name::proxy_connection:
    case Name::te:
    case Name::transfer_encoding:
    case Name::upgrade:
      return true;
    // What frames the message or names its host stays, whatever Connection lists.
    case Name::content_length:
    case Name::host:
      return false;
    default:
      return std::any_of(connection_options.begin(), connection_options.end(),
                         [&](std::string_view option) { return same_name(option, field.name); });
  }
}

std::optional<std::size_t> head_size(std::string_view bytes, std::size_t& scanned) {
  while (true) {
    const std::size_t at = bytes.find('\n', scanned);
    if (at == std::string_view::npos) break;
    if (at == 0 || bytes[at - 1] != '\r') return std::nullopt;
    scanned = at + 1;
    // The line before has ended in CR LF, or it would have been refused.
    if (at == 1 || bytes[at - 2] == '\n') return scanned;
  }
  scanned = bytes.size();
  return 0;
}

std::size_t blank_size(std::string_view bytes) {
  std::size_t size = 0;
  while (bytes.substr(size).starts_with("\r\n")) size += 2;
  return size;
}

bool parse_request(std::string_view bytes, Head& into) {
  into.host = {};
  into.body = Body::none;
  into.length = 0;
  into.keep_alive = true;
  const std::optional<std::string_view> line = take_line(bytes);
  if (!line || !read_request_line(*line, into)) return false;
  if (!parse_fields(bytes, into) || !read_framing(into)) return false;
  // HTTP/1.0 knows neither chunks nor, for certain, kept connections.
  if (into.http_1_0) {
    into.keep_alive = false;
    into.upgrade = false;
    if (into.body == Body::chunked) return false;
  }
  if (into.body == Body::length && into.length == 0) into.body = Body::none;
  const auto hosts = std::count_if(into.fields.begin(), into.fields.end(),
                                   [](const Field& field) { return field.known == Name::host; });
  if (hosts > 1 || (hosts == 0 && !into.http_1_0)) return false;
  if (into.host.empty()) into.host = into.only(Name::host).value_or(std::string_view());
  return true;
}

bool parse_response(std::string_view bytes, bool to_head, Head& into) {
  into.body = Body::until_end;
  into.length = 0;
  into.keep_alive = true;
  const std::optional<std::string_view> line = take_line(bytes);
  constexpr std::size_t kStatusAt = 9;
  constexpr std::size_t kReasonAt = 13;
  if (!line || line->size() < kReasonAt - 1 || !line->starts_with("HTTP/1.")) return false;
  const char* digits = line->data() + kStatusAt;
  const auto [at, error] = std::from_chars(digits, digits + 3, into.status);
  if (error != std::errc() || at != digits + 3 || into.status < 100 || (*line)[kStatusAt - 1] != ' ')
    return false;
  into.reason = line->size() > kReasonAt ? line->substr(kReasonAt) : std::string_view();
  if (!is_value(into.reason)) return false;
  if (!parse_fields(bytes, into) || !read_framing(into)) return false;
  if (line->starts_with("HTTP/1.0")) into.keep_alive = false;
  const bool bodiless = to_head || into.status < 200 || into.status == 204 || into.status == 304;
  if (bodiless || (into.body == Body::length && into.length == 0)) into.body = Body::none;
  return true;
}

}  // namespace kiln::http
