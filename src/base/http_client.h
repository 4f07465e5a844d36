// The door to other people's HTTP servers, and to our own from the CLI and the runner (TCP or unix socket),
// over libcurl. A client keeps its connections alive between calls. One client belongs to one thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kiln {

struct HttpRequest {
  std::string method = "GET";
  std::string url;          // http:// or https:// only; with unix_socket the host is only the Host header
  std::string unix_socket;  // path of a listening socket, or empty for TCP
  std::string resolve;      // "host:port:address[,address]": those and no others are that host; or empty
  std::string ca;           // PEM: authorities that are trusted besides the machine's own; or empty
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // It must not be sent twice, as it may be where a connection that was kept turns out to have ended: it goes
  // over one of its own.
  bool once = false;
  int timeout_ms = 30'000;  // of the whole call; 0: none
  // When set, body bytes go here as they arrive instead of into HttpResponse::body; return false to end the
  // call.
  std::function<bool(std::string_view)> on_data;
  // When set and it becomes true, the call ends within a second with Errc::timeout.
  const std::atomic<bool>* stop = nullptr;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names lower case
  std::string body;

  // First value of that (lower-case) name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any HTTP status is a success here. Errors: Errc::unavailable (refused, no such host, broken connection),
  // Errc::timeout.
  [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

class CurlClient final : public HttpClient {
 public:
  CurlClient();
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln
