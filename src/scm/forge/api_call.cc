#include "scm/forge/api_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/http_date.h"
#include "base/printable.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kDeepestAnswer = 32;
constexpr std::size_t kLargestAnswer = 16U << 20U;
constexpr std::size_t kLongestReason = 300;
constexpr int kCallTimeoutMs = 15'000;
constexpr std::int64_t kLongestWaitSeconds = 86'400;

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// What the host gives as its reason, in one line.
std::string reason_of(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return {};
  for (const char* name : {"message", "error", "error_description"}) {
    if (const std::string text = text_at(*object, name); !text.empty())
      return printable(text, kLongestReason);
    const json::object* within = object_at(*object, name);
    if (within == nullptr) continue;
    if (const std::string text = text_at(*within, "message"); !text.empty())
      return printable(text, kLongestReason);
  }
  return {};
}

struct Limit {
  std::optional<std::int64_t> seconds;  // until the host takes calls again; nothing: it does not say
};

// Whether the host limits its callers. The wall clock is the host's own: what it says in `date` is what its
// times are measured against.
std::optional<Limit> limit_in(const HttpResponse& answer) {
  if (answer.status != 429 && answer.status != 403) return std::nullopt;
  const std::optional<TimeMs> now = parse_http_date(answer.header("date"));
  const auto in_seconds = [](std::int64_t seconds) {
    return Limit{std::clamp<std::int64_t>(seconds, 1, kLongestWaitSeconds)};
  };
  const std::string_view after = answer.header("retry-after");
  if (const auto seconds = number_in(after)) return in_seconds(*seconds);
  if (const auto date = parse_http_date(after); date && now) return in_seconds((*date - *now) / 1'000);
  for (const char* prefix : {"x-ratelimit-", "ratelimit-"}) {
    if (answer.header(std::string(prefix) + "remaining") != "0") continue;
    const auto reset = number_in(answer.header(std::string(prefix) + "reset"));
    return reset && now ? in_seconds(*reset - *now / 1'000) : Limit{};
  }
  // A 403 without a word of a limit is a matter of rights.
  return answer.status == 429 ? std::optional(Limit{}) : std::nullopt;
}

// What a host, or what stands before it, repeats of our headers is not for logs.
std::string without_credentials(std::string text, const ApiCall& call) {
  constexpr std::size_t shortest = 8;
  for (const auto& [name, value] : call.headers) {
    const std::string secret = value.substr(value.rfind(' ') + 1);
    const bool is_credential = name == "authorization" || name == "private-token";
    if (!is_credential || secret.size() < shortest) continue;
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "[hidden]");
  }
  return text;
}

std::string path_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == url.npos ? 0 : scheme + 3);
  const std::string path = slash == url.npos ? "/" : url.substr(slash);
  return path.substr(0, path.find('?'));
}

std::string origin_in(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  return url.substr(0, url.find('/', scheme + 3));
}

// `<https://…?page=2>; rel="next", …` (RFC 8288 3).
std::string next_of(const HttpResponse& answer, const std::string& asked) {
  for (const std::string& part : split(answer.header("link"), ',')) {
    const std::size_t open = part.find('<');
    const std::size_t close = part.find('>');
    if (open == part.npos || close == part.npos || close < open) continue;
    if (part.find("rel=\"next\"", close) == part.npos) continue;
    const std::string url = part.substr(open + 1, close - open - 1);
    return origin_in(url) == origin_in(asked) ? url : std::string();
  }
  return {};
}

// Bitbucket says it in the body: Cloud as a URL, Data Center as where in the list it starts.
std::string next_in_body(const json::value& body, const std::string& asked) {
  const json::object* page = body.if_object();
  if (page == nullptr) return {};
  const std::string url = text_at(*page, "next");
  if (!url.empty()) return origin_in(url) == origin_in(asked) ? url : std::string();
  const std::optional<std::int64_t> start = number_at(*page, "nextPageStart");
  if (!start || flag_at(*page, "isLastPage")) return {};
  const std::string first = asked.substr(0, asked.find("&start="));
  return fmt::format("{}{}start={}", first, first.find('?') == first.npos ? '?' : '&', *start);
}

Errc code_of(int status) {
  if (status == 401) return Errc::unauthenticated;
  if (status == 403) return Errc::forbidden;
  if (status == 404 || status == 410) return Errc::not_found;
  if (status == 409) return Errc::conflict;
  if (status >= 500 || status == 408) return Errc::unavailable;
  return Errc::invalid;
}

// Where the host says that what was asked for is now, such as a renamed repository; empty: it does not, or
// somewhere that our credentials must not go.
std::string moved_to(const HttpResponse& answer, const std::string& asked) {
  const bool moved = answer.status == 301 || answer.status == 307 || answer.status == 308;
  const std::string url(answer.header("location"));
  return moved && origin_in(url) == origin_in(asked) ? url : std::string();
}

// One call. `moved`: where what was asked for is now, or empty.
Result<ApiAnswer> call_once(HttpClient& http, std::string_view title, const ApiCall& call,
                            std::string& moved) {
  HttpRequest request;
  request.method = call.method;
  request.url = call.url;
  request.headers = call.headers;
  request.timeout_ms = kCallTimeoutMs;
  request.once = call.method == "POST";  // makes something, of which there is to be one
  if (call.body) {
    request.headers.emplace_back("content-type", "application/json");
    request.body = json::serialize(*call.body);
  }
  std::string text;
  bool too_large = false;
  request.on_data = [&](std::string_view part) {
    text += part;
    too_large = text.size() > kLargestAnswer;
    return !too_large;
  };
  const Result<HttpResponse> answer = http.send(request);
  const std::string what = fmt::format("{} {}", call.method, path_of(call.url));
  if (too_large) return fail(Errc::unavailable, fmt::format("{} answered too much to {}", title, what));
  if (!answer) {
    return fail(answer.error().code == Errc::timeout ? Errc::timeout : Errc::unavailable,
                fmt::format("{} did not answer {}: {}", title, what, answer.error().message));
  }
  ApiAnswer out;
  out.status = answer->status;
  json::parse_options options;
  options.max_depth = kDeepestAnswer;
  boost::system::error_code broken;
  if (!text.empty()) out.body = json::parse(text, broken, {}, options);
  if (answer->status >= 200 && answer->status < 300) {
    if (broken)
      return fail(Errc::unavailable, fmt::format("{} answered {} with what is no JSON", title, what));
    out.next = next_of(*answer, call.url);
    if (out.next.empty()) out.next = next_in_body(out.body, call.url);
    out.scopes = answer->header("x-oauth-scopes");
    return out;
  }
  moved = moved_to(*answer, call.url);
  const std::string reason = broken ? std::string() : without_credentials(reason_of(out.body), call);
  const std::string words = fmt::format("{} answered {} to {}{}{}", title, answer->status, what,
                                        reason.empty() ? "" : ": ", reason);
  if (const auto limit = limit_in(*answer))
    return fail(Errc::rate_limited, words, limit->seconds ? std::to_string(*limit->seconds) : std::string());
  return fail(code_of(answer->status), words, std::to_string(answer->status));
}

}  // namespace

Result<ApiAnswer> call_api(HttpClient& http, std::string_view title, const ApiCall& call) {
  std::string moved;
  Result<ApiAnswer> answer = call_once(http, title, call, moved);
  if (moved.empty()) return answer;
  ApiCall there = call;
  there.url = std::exchange(moved, {});
  return call_once(http, title, there, moved);
}

Status each_of(HttpClient& http, std::string_view title, ApiCall first, std::string_view member,
               int most_pages, const std::function<bool(const json::object&)>& seen) {
  for (int page = 0; page < most_pages; ++page) {
    const Result<ApiAnswer> answer = call_api(http, title, first);
    if (!answer) return tl::unexpected<Error>(answer.error());
    const json::value* list = &answer->body;
    if (!member.empty()) {
      const json::object* object = answer->body.if_object();
      list = object == nullptr ? nullptr : object->if_contains(member);
    }
    if (list == nullptr || !list->is_array())
      return fail(Errc::unavailable, fmt::format("{} answered {} without a list", title, path_of(first.url)));
    for (const json::value& one : list->get_array()) {
      if (one.is_object() && !seen(one.get_object())) return {};
    }
    if (answer->next.empty()) return {};
    first.url = answer->next;
  }
  return {};
}

std::string cut_to(std::string_view text, std::size_t most) {
  constexpr std::string_view kMark = "…";
  if (text.size() <= most) return std::string(text);
  return std::string(utf8_beginning(text, most - std::min(most, kMark.size()))).append(kMark);
}

}  // namespace kiln::scm
