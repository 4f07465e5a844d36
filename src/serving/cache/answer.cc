#include "serving/cache/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/strings.h"
#include "http/head.h"

namespace kiln::serving {
namespace {

using http::same_name;

constexpr TimeMs kSecond = 1000;
constexpr TimeMs kMinute = 60 * kSecond;
constexpr TimeMs kLongest = TimeMs{365} * 24 * 60 * kMinute;
constexpr std::size_t kEntryCost = 512;  // of an answer's place in memory, besides its bytes
constexpr std::size_t kFieldCost = 64;

// How long an answer that says nothing itself is kept, as the hosted platform does.
TimeMs default_lifetime(int status) {
  switch (status) {
    case 200:
    case 301:
      return 120 * kMinute;
    case 302:
    case 303:
      return 20 * kMinute;
    case 404:
    case 410:
      return 3 * kMinute;
    default:
      return 0;
  }
}

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<TimeMs> http_date(std::string_view text) {
  std::tm parts{};
  const std::string value(text);
  const char* end = strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return TimeMs{timegm(&parts)} * kSecond;
}

std::optional<TimeMs> seconds(std::string_view text) {
  std::int64_t count = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc::result_out_of_range) return kLongest;
  if (error != std::errc() || at != text.data() + text.size() || count < 0) return std::nullopt;
  return std::min(count, kLongest / kSecond) * kSecond;
}

// What the Cache-Control fields say to a shared cache.
struct Control {
  bool forbids = false;
  bool hides_cookies = false;  // private=set-cookie: kept, without them
  std::optional<TimeMs> s_maxage;
  std::optional<TimeMs> max_age;

  void read(std::string_view list) {
    while (!list.empty()) {
      const std::size_t end = end_of_directive(list);
      take(trim(list.substr(0, end)));
      list.remove_prefix(std::min(end + 1, list.size()));
    }
  }

 private:
  // A comma that is not inside quotes.
  static std::size_t end_of_directive(std::string_view list) {
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i] == '"') quoted = !quoted;
      if (list[i] == ',' && !quoted) return i;
    }
    return list.size();
  }

  void take(std::string_view directive) {
    const std::size_t equals = std::min(directive.find('='), directive.size());
    const std::string_view name = trim(directive.substr(0, equals));
    std::string_view value = trim(directive.substr(std::min(equals + 1, directive.size())));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (same_name(name, "private") && to_lower(value).find("set-cookie") != std::string::npos) {
      hides_cookies = true;
    } else if (same_name(name, "no-store") || same_name(name, "private") || same_name(name, "no-cache")) {
      forbids = forbids || value.empty();
    } else if (same_name(name, "s-maxage")) {
      s_maxage = seconds(value).value_or(0);
    } else if (same_name(name, "max-age")) {
      max_age = seconds(value).value_or(0);
    }
  }
};

TimeMs lifetime(const http::Head& head, const Control& control, TimeMs now) {
  if (control.s_maxage) return *control.s_maxage;
  if (control.max_age) return *control.max_age;
  if (const auto expires = head.only("expires"))
    return std::min(http_date(*expires).value_or(0) - now, kLongest);
  return default_lifetime(head.status);
}

// The entity tags of a list, without W/: "a", W/"b".
bool lists_tag(std::string_view list, std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (trim(list) == "*") return true;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = trim(list.substr(0, comma));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (!tag.empty() && one == tag) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool is_not_modified(const StoredAnswer& kept, const http::Request& request) {
  if (const std::string_view tags = request.header("if-none-match"); !tags.empty())
    return lists_tag(tags, kept.etag);
  const std::optional<TimeMs> since = http_date(request.header("if-modified-since"));
  return since && kept.last_modified && *kept.last_modified <= *since;
}

struct Range {
  std::size_t first = 0;
  std::size_t count = 0;  // 0: no byte of the body
};

// One range, "bytes=2-5", "bytes=2-", "bytes=-3". Nothing for what is none and for lists, which may be
// ignored.
std::optional<Range> range_of(std::string_view text, std::size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<std::size_t> {
    std::size_t value = 0;
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || at != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::optional<std::size_t> first = number(text.substr(0, dash));
  const std::optional<std::size_t> last = number(text.substr(dash + 1));
  if (!first) {
    if (dash != 0 || !last) return std::nullopt;
    const std::size_t count = std::min(*last, size);
    return Range{size - count, count};
  }
  if (dash + 1 < text.size() && (!last || *last < *first)) return std::nullopt;
  if (*first >= size) return Range{};
  return Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

}  // namespace

std::size_t StoredAnswer::size() const {
  std::size_t all = kEntryCost + body.size;
  for (const auto& [name, value] : headers) all += kFieldCost + name.size() + value.size();
  return all;
}

Result<std::optional<StoredAnswer>> read_answer(std::string_view bytes, TimeMs now) {
  http::Head head;
  std::size_t scanned = 0;
  const std::optional<std::size_t> size = http::head_size(bytes, scanned);
  if (!size || *size == 0 || !http::parse_response(bytes.substr(0, *size), false, head))
    return fail(Errc::invalid, "This is no HTTP response.");
  const std::string_view body = bytes.substr(*size);
  if (head.body == http::Body::length && head.length != body.size())
    return fail(Errc::invalid, "The response's body is not as long as its Content-Length says.");
  Control control;
  bool has_cookies = false;
  for (const http::Field& field : head.fields) {
    if (same_name(field.name, "cache-control")) control.read(field.value);
    has_cookies = has_cookies || same_name(field.name, "set-cookie");
  }
  const TimeMs left = lifetime(head, control, now);
  const bool kept = head.status >= 200 && head.status != 206 && head.status != 304 && !control.forbids &&
                    (!has_cookies || control.hides_cookies) && left > 0;
  if (!kept) return std::optional<StoredAnswer>();
  StoredAnswer out;
  out.status = head.status;
  out.stored_on = now;
  out.expires_on = now + left;
  out.etag = head.only("etag").value_or(std::string_view());
  out.last_modified = http_date(head.only("last-modified").value_or(std::string_view()));
  for (const http::Field& field : head.fields) {
    const bool own = field.known == http::Name::content_length || head.is_hop_by_hop(field) ||
                     same_name(field.name, "set-cookie") || same_name(field.name, "cf-cache-status") ||
                     same_name(field.name, "age");
    if (!own) out.headers.emplace_back(field.name, field.value);
  }
  out.body = http::SharedBytes::copy_of(body);
  return std::optional<StoredAnswer>(std::move(out));
}

http::Response hit(const StoredAnswer& kept, const http::Request& request, TimeMs now) {
  http::Response response;
  response.status = kept.status;
  response.headers = kept.headers;
  response.headers.emplace_back("cf-cache-status", "HIT");
  response.headers.emplace_back("age", std::to_string(std::max<TimeMs>(now - kept.stored_on, 0) / kSecond));
  const bool whole = kept.status == 200;
  if (whole && is_not_modified(kept, request)) {
    response.status = 304;
    return response;
  }
  Range part{0, kept.body.size};
  const std::optional<Range> asked =
      whole ? range_of(request.header("range"), kept.body.size) : std::optional<Range>();
  if (asked && asked->count == 0) {
    response.status = 416;
    response.headers.emplace_back("content-range", fmt::format("bytes */{}", kept.body.size));
    return response;
  }
  if (asked) {
    part = *asked;
    response.status = 206;
    response.headers.emplace_back("content-range", fmt::format("bytes {}-{}/{}", part.first,
                                                               part.first + part.count - 1, kept.body.size));
  }
  response.shared.parts.push_back(kept.body.view().substr(part.first, part.count));
  response.shared.owners.emplace_back(kept.body.bytes);
  return response;
}

}  // namespace kiln::serving
