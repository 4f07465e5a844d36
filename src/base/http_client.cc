#include "base/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/strings.h"

namespace kiln {
namespace {

constexpr long kConnectTimeoutMs = 10'000;
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

int on_progress(void* opaque, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& call = *static_cast<const Call*>(opaque);
  return call.request.stop != nullptr && call.request.stop->load() ? 1 : 0;
}

class TextList {
 public:
  TextList() = default;
  ~TextList() { curl_slist_free_all(list_); }
  TextList(const TextList&) = delete;
  TextList& operator=(const TextList&) = delete;

  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) std::abort();  // out of memory
    list_ = longer;
  }
  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

Status fill_headers(const HttpRequest& request, TextList& list) {
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

// Our own servers are asked directly, whatever proxy the environment names.
bool is_loopback(const std::string& url) {
  CURLU* parsed = curl_url();
  char* host = nullptr;
  bool loopback = false;
  if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
    const std::string_view name(host);
    loopback = name == "localhost" || name == "[::1]" || name.starts_with("127.");
  }
  curl_free(host);
  curl_url_cleanup(parsed);
  return loopback;
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
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "kiln");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  if (!request.unix_socket.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  if (!request.unix_socket.empty() || is_loopback(request.url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

void set_resolve(CURL* curl, const HttpRequest& request, TextList& list) {
  // The client's memory of names outlives a call: what is not pinned now is asked for again.
  if (!request.resolve.empty()) list.add(request.resolve);
  curl_easy_setopt(curl, CURLOPT_RESOLVE, list.get());
}

void set_callbacks(CURL* curl, Call& call) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &call);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &call);
}

Errc code_of(CURLcode result, const Call& call) {
  if (call.too_large) return Errc::too_large;
  if (result == CURLE_OPERATION_TIMEDOUT || result == CURLE_ABORTED_BY_CALLBACK) return Errc::timeout;
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) return Errc::invalid;
  return Errc::unavailable;
}

std::string where_of(const HttpRequest& request) {
  if (!request.unix_socket.empty()) return request.unix_socket;
  const std::size_t scheme = request.url.find("://");
  const std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
  const std::string authority = request.url.substr(from, request.url.find_first_of("/?#", from) - from);
  return authority.substr(authority.rfind('@') + 1);  // never a password, never a path with a token in it
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
  // Once a process, under the lock of a static's initialisation.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_ALL);
  impl_->curl = started == CURLE_OK ? curl_easy_init() : nullptr;
}

CurlClient::~CurlClient() {
  if (impl_->curl != nullptr) curl_easy_cleanup(impl_->curl);
}

Result<HttpResponse> CurlClient::send(const HttpRequest& request) {
  CURL* curl = impl_->curl;
  if (curl == nullptr) return fail(Errc::internal, "libcurl does not start");
  curl_easy_reset(curl);  // options only: open connections stay
  TextList headers;
  if (Status filled = fill_headers(request, headers); !filled) return tl::unexpected(filled.error());
  Call call{request, {}};
  impl_->detail[0] = '\0';
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, impl_->detail.data());
  set_transport(curl, request);
  set_method(curl, request);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  TextList pins;
  set_resolve(curl, request, pins);
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
