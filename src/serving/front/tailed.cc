#include "serving/front/tailed.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "serving/front/visitor.h"

namespace kiln::serving {
namespace {

constexpr std::size_t kMaxHeaders = 64;
constexpr std::size_t kMaxValue = 1024;
constexpr std::size_t kMaxUrl = 4096;

bool is_secret(std::string_view name) {
  constexpr std::array<std::string_view, 4> whole = {"authorization", "cookie", "proxy-authorization",
                                                     "set-cookie"};
  constexpr std::array<std::string_view, 5> parts = {"token", "secret", "auth", "key", "password"};
  return std::find(whole.begin(), whole.end(), name) != whole.end() || name.starts_with("x-kiln-") ||
         std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
           return name.find(part) != std::string_view::npos && name != "sec-websocket-key";
         });
}

}  // namespace

workers::TailedRequest tailed_request(const http::Head& head, bool secure) {
  workers::TailedRequest out;
  out.method = std::string(head.method);
  out.url = (secure ? "https://" : "http://") + std::string(head.host) +
            std::string(head.target.substr(0, kMaxUrl));
  for (const http::Field& field : head.fields) {
    if (out.headers.size() == kMaxHeaders) break;
    const std::string name = to_lower(field.name);
    if (!is_secret(name) && !is_of_the_front(field))
      out.headers.emplace_back(name, field.value.substr(0, kMaxValue));
  }
  return out;
}

}  // namespace kiln::serving
