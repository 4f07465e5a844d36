// The hosted service's API, read by a token of one of its accounts. It is only ever asked with GET. The token
// is in no error and no output. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "base/http_client.h"
#include "base/result.h"

namespace kiln::cli {

inline constexpr const char* kHostedUrl = "https://api.cloudflare.com/client/v4";

struct HostedAccount {
  std::string url;  // server_url()
  std::string account_id;
  std::string token;
};

class Hosted {
 public:
  // `wait` is told for how many milliseconds, and returns when they are over. What is waited for is said to
  // `notes`.
  using Wait = std::function<void(std::int64_t)>;
  Hosted(HttpClient& http, HostedAccount account, Wait wait, std::ostream& notes)
      : http_(http), account_(std::move(account)), wait_(std::move(wait)), notes_(notes) {}

  // The result below /accounts/{id}. An answer of 429 or 5xx, and none at all, is asked for again, a few
  // times, after as long as `Retry-After` says. Errors: those of the status, with the service's words.
  [[nodiscard]] Result<boost::json::value> get(const std::string& path);
  // All pages of a list.
  [[nodiscard]] Result<boost::json::array> list(const std::string& path);

 private:
  [[nodiscard]] Result<HttpResponse> answer(const std::string& path);
  // Whether to ask again.
  bool waited(const Result<HttpResponse>& response, int tries);

  HttpClient& http_;
  HostedAccount account_;
  Wait wait_;
  std::ostream& notes_;
};

}  // namespace kiln::cli
