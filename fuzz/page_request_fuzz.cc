// Host and Cookie fields as anybody may send them: no host is taken but the known ones, and of cookies one or
// none.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/sessions/origin_checks.h"
#include "base/strings.h"

namespace {

namespace sessions = kiln::api::sessions;

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = bytes.find('\n');
  kiln::http::Request request;
  request.method = "POST";
  request.headers.emplace_back("host", bytes.substr(0, cut));
  if (cut != std::string_view::npos) request.headers.emplace_back("cookie", bytes.substr(cut + 1));
  const sessions::PageRules rules{{"kiln.example.com"}, {"kiln.example.com"}, false};
  const auto host = sessions::check_host(request, rules);
  if (!host) return 0;
  expect(host->name == "localhost" || host->name == "127.0.0.1" || host->name == "[::1]" ||
         host->name == "kiln.example.com");
  expect(host->port.find_first_not_of("0123456789") == std::string::npos);
  expect(!sessions::check_origin(request, *host));
  const auto cookie = sessions::cookie_of(request, host->cookie_name());
  if (cookie) expect(cookie->find(';') == std::string::npos && kiln::trim(*cookie) == *cookie);
  return 0;
}
