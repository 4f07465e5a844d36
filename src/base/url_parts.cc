#include "base/url_parts.h"

#include <curl/curl.h>

#include <memory>

#include "base/ip_address.h"

namespace kiln {

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t from = scheme == url.npos ? 0 : scheme + 3;
  const std::string_view authority = url.substr(from, url.find_first_of("/?#", from) - from);
  std::string origin(url.substr(0, from));
  return origin.append(authority.substr(authority.rfind('@') + 1));
}

bool is_loopback_url(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  char* found = nullptr;
  if (!parsed ||
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
      curl_url_get(parsed.get(), CURLUPART_HOST, &found, 0) != CURLUE_OK)
    return false;
  const std::unique_ptr<char, void (*)(void*)> host(found, curl_free);
  if (std::string_view(host.get()) == "localhost") return true;
  static const IpRanges loopback = IpRanges::parse({"127.0.0.0/8", "::1"}).value();
  return loopback.contain(std::string_view(host.get()));
}

}  // namespace kiln
