#include "cli/set_up/hosted.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/print.h"
#include "cli/server.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr int kMostTries = 5;
constexpr std::int64_t kLongestWaitMs = 300'000;
constexpr std::int64_t kMostPages = 1000;
constexpr int kTooManyRequests = 429;
constexpr int kFirstFault = 500;

bool may_help_again(const Result<HttpResponse>& response) {
  if (!response) return response.error().code == Errc::unavailable || response.error().code == Errc::timeout;
  return response->status == kTooManyRequests || response->status >= kFirstFault;
}

// Seconds; anything else counts as absent.
std::optional<std::int64_t> retry_after_ms(const HttpResponse& response) {
  const std::string_view text = response.header("retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || seconds < 0)
    return std::nullopt;
  return std::min(seconds, kLongestWaitMs / 1'000) * 1'000;
}

}  // namespace

bool Hosted::waited(const Result<HttpResponse>& response, int tries) {
  if (!may_help_again(response) || tries >= kMostTries) return false;
  const std::int64_t usual = std::int64_t{1'000} << (tries - 1);
  const std::int64_t pause = response ? retry_after_ms(*response).value_or(usual) : usual;
  const std::string why = response ? fmt::format("answered {}", response->status) : "did not answer";
  notes_ << fmt::format("the hosted service {}; asking again in {} s\n", why, pause / 1'000) << std::flush;
  wait_(pause);
  return true;
}

Result<HttpResponse> Hosted::answer(const std::string& path) {
  HttpRequest request;
  request.url = account_.url + "/accounts/" + url_part(account_.account_id) + path;
  request.headers = {{"authorization", "Bearer " + account_.token}, {"accept", "application/json"}};
  for (int tries = 1;; ++tries) {
    Result<HttpResponse> response = http_.send(request);
    if (waited(response, tries)) continue;
    if (!response) return context(response.error(), "asking " + safe_line(account_.url, false));
    return response;
  }
}

Result<json::value> Hosted::get(const std::string& path) {
  const Result<HttpResponse> response = answer(path);
  if (!response) return tl::unexpected<Error>(response.error());
  Result<json::value> result = read_answer(response->status, response->body);
  if (!result) return context(result.error(), fmt::format("the hosted service, asked for {}", path));
  return result;
}

Result<json::array> Hosted::list(const std::string& path) {
  json::array all;
  std::int64_t pages = 1;
  for (std::int64_t page = 1; page <= std::min(pages, kMostPages); ++page) {
    const Result<HttpResponse> response = answer(
        page == 1 ? path
                  : fmt::format("{}{}page={}", path, path.find('?') == std::string::npos ? '?' : '&', page));
    if (!response) return tl::unexpected<Error>(response.error());
    Result<json::value> items = read_answer(response->status, response->body);
    if (!items) return context(items.error(), fmt::format("the hosted service, asked for {}", path));
    if (!items->is_array())
      return fail(Errc::corrupt, fmt::format("the hosted service, asked for {}, answered no list", path));
    if (items->get_array().empty()) break;
    all.insert(all.end(), items->get_array().begin(), items->get_array().end());
    const Result<json::value> body = wire::parse_json(response->body);
    if (body) pages = std::max(pages, number_at(*body, "result_info/total_pages").value_or(1));
  }
  return all;
}

}  // namespace kiln::cli
