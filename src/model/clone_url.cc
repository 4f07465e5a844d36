#include "model/clone_url.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/hex.h"
#include "base/strings.h"
#include "base/url_parts.h"

namespace kiln::model {
namespace {

tl::unexpected<Error> refuse_url(const std::string& why) {
  return fail(Errc::invalid, "the repository URL " + why, "url");
}

bool is_http(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::optional<std::string> byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

// Where the user and password of a URL with a scheme stand, without the '@' behind them.
struct UserInfo {
  std::size_t from;
  std::size_t size;
};

std::optional<UserInfo> user_info_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::nullopt;
  const std::size_t from = scheme + 3;
  const std::string_view authority = url.substr(from, url.find_first_of("/?#", from) - from);
  const std::size_t at = authority.rfind('@');
  if (at == authority.npos) return std::nullopt;
  return UserInfo{from, at};
}

}  // namespace

Result<CleanUrl> split_credentials(const std::string& url) {
  const std::optional<UserInfo> there = user_info_of(url);
  if (!there) return CleanUrl{url, {}};
  const std::string_view user_info = std::string_view(url).substr(there->from, there->size);
  const std::size_t colon = user_info.find(':');
  if (!is_http(url)) {
    if (colon == user_info.npos) return CleanUrl{url, {}};
    return refuse_url("has a password, which ssh takes from nobody: use a key, or an https URL");
  }
  const std::optional<std::string> user = percent_decoded(user_info.substr(0, colon));
  const std::optional<std::string> password =
      percent_decoded(colon == user_info.npos ? std::string_view() : user_info.substr(colon + 1));
  if (!user || !password) return refuse_url("has a '%' in its user or password that begins no %XX");
  return CleanUrl{without_credentials(url), "Basic " + to_base64(*user + ":" + *password)};
}

std::string without_credentials(const std::string& url) {
  const std::optional<UserInfo> there = user_info_of(url);
  if (!there) return url;
  std::string clean = url;
  if (is_http(url)) return clean.erase(there->from, there->size + 1);
  const std::size_t colon = url.find(':', there->from);
  const std::size_t end = there->from + there->size;
  return colon < end ? clean.erase(colon, end - colon) : clean;
}

bool same_origin(const std::string& one, const std::string& other) {
  return is_http(one) && is_http(other) && to_lower(origin_of(one)) == to_lower(origin_of(other));
}

}  // namespace kiln::model
