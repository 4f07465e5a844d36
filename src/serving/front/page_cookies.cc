#include "serving/front/page_cookies.h"

#include <algorithm>

namespace kiln::serving {
namespace {

constexpr std::string_view kPageCookies = "kiln_s";
constexpr std::string_view kSessionCookie = "kiln_session_";
constexpr std::string_view kSignInCookie = "kiln_sign_in_";
constexpr std::string_view kSecurePrefix = "__Host-";
constexpr std::string_view kCookieSpace = " \t";

bool is_of_the_page(std::string_view pair) {
  if (pair.starts_with(kSecurePrefix)) pair.remove_prefix(kSecurePrefix.size());
  return pair.starts_with(kSessionCookie) || pair.starts_with(kSignInCookie);
}

}  // namespace

std::string without_page_cookies(std::string_view cookies) {
  if (cookies.find(kPageCookies) == std::string_view::npos) return std::string(cookies);
  std::string out;
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view pair = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(kCookieSpace), pair.size()));
    pair = pair.substr(0, pair.find_last_not_of(kCookieSpace) + 1);
    if (pair.empty() || is_of_the_page(pair)) continue;
    if (!out.empty()) out += "; ";
    out += pair;
  }
  return out;
}

}  // namespace kiln::serving
