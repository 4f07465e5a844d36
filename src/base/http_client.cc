#include "base/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/curl_call.h"
#include "base/strings.h"
#include "base/url_parts.h"

namespace kiln {
namespace {

constexpr std::size_t kMaxBodyInMemory = 256U << 20U;

// One call under way: where its answer is gathered and why it was cut short.
struct Call {
  const HttpRequest& request;
  HttpResponse response;
  bool ended_by_caller = false;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* opaque) {
  auto& call = *static_cast<Call*>(opaque);
  if (call.request.on_data) {
    if (call.request.on_data({data, size})) return size;
    call.ended_by_caller = true;
    return CURL_WRITEFUNC_ERROR;
  }
  if (call.response.body.size() + size > kMaxBodyInMemory) {
    call.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  call.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* opaque) {
  auto& call = *static_cast<Call*>(opaque);
  const std::string_view line(data, size);
  // A status line opens the final answer after an interim one (100): only the last one's headers count.
  if (line.starts_with("HTTP/")) {
    call.response.headers.clear();
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  call.response.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  return size;
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

Status fill_headers(const HttpRequest& request, CurlList& list) {
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_line_break(name) || has_line_break(value)) {
      return fail(Errc::invalid, fmt::format("request header {} holds a line break", name.substr(0, 40)));
    }
    has_type = has_type || to_lower(name) == "content-type";
    // "Name;" is curl's way to send a header without a value.
    list.add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  if (!has_type) list.add("Content-Type:");
  list.add("Expect:");
  return {};
}

void set_method(CURL* curl, const HttpRequest& request) {
  const bool carries_body = !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
                            request.method == "PATCH";
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    return;
  }
  if (carries_body) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_transport(CURL* curl, const HttpRequest& request) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "kiln");
  if (request.once) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  if (!request.unix_socket.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  // Our own servers are asked directly, whatever proxy the environment names.
  if (!request.unix_socket.empty() || is_loopback_url(request.url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

void set_callbacks(CURL* curl, Call& call) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &call);
}

Errc code_of(CURLcode result, const Call& call) {
  if (call.too_large) return Errc::too_large;
  if (ended_late(result)) return Errc::timeout;
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) return Errc::invalid;
  return Errc::unavailable;
}

std::string where_of(const HttpRequest& request) {
  if (!request.unix_socket.empty()) return request.unix_socket;
  const std::string origin = origin_of(request.url);  // never a password, never a path with a token in it
  const std::size_t scheme = origin.find("://");
  return scheme == std::string::npos ? origin : origin.substr(scheme + 3);
}

std::string words_for(CURLcode result, const Call& call, const char* detail) {
  if (call.too_large) return "the answer is larger than this client keeps in memory";
  if (result == CURLE_ABORTED_BY_CALLBACK) return "the call was stopped";
  return *detail != '\0' ? detail : curl_easy_strerror(result);
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& entry) { return entry.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct CurlClient::Impl {
  CURL* curl = nullptr;
  std::array<char, CURL_ERROR_SIZE> detail{};
};

CurlClient::CurlClient() : impl_(std::make_unique<Impl>()) {
  impl_->curl = new_curl();
}

CurlClient::~CurlClient() {
  if (impl_->curl != nullptr) curl_easy_cleanup(impl_->curl);
}

Result<HttpResponse> CurlClient::send(const HttpRequest& request) {
  CURL* curl = impl_->curl;
  if (curl == nullptr) return fail(Errc::internal, "libcurl does not start");
  curl_easy_reset(curl);  // options only: open connections stay
  CurlList headers;
  if (Status filled = fill_headers(request, headers); !filled) return tl::unexpected(filled.error());
  Call call{request, {}};
  impl_->detail[0] = '\0';
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, impl_->detail.data());
  set_transport(curl, request);
  CurlList pins;
  set_common(curl, request.timeout_ms, request.ca, request.resolve, pins, request.stop);
  set_method(curl, request);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  set_callbacks(curl, call);
  const CURLcode result = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  call.response.status = static_cast<int>(status);
  if (result != CURLE_OK && !call.ended_by_caller) {
    return fail(code_of(result, call),
                fmt::format("{}: {}", where_of(request), words_for(result, call, impl_->detail.data())));
  }
  return std::move(call.response);
}

}  // namespace kiln
