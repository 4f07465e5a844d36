#include "base/curl_call.h"

namespace kiln {
namespace {

constexpr long kConnectTimeoutMs = 10'000;

int on_progress(void* opaque, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(opaque)->load() ? 1 : 0;
}

}  // namespace

CURL* new_curl() {
  // Once a process, under the lock of a static's initialisation.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_ALL);
  return started == CURLE_OK ? curl_easy_init() : nullptr;
}

void set_common(CURL* curl, int timeout_ms, const std::string& ca, const std::string& resolve, CurlList& pins,
                const std::atomic<bool>* stop) {
  static const std::atomic<bool> never = false;
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  if (!ca.empty()) {
    // The folder of the machine's own authorities stays in force.
    curl_blob blob{const_cast<char*>(ca.data()), ca.size(), CURL_BLOB_NOCOPY};
    curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
  }
  // The handle's memory of names outlives a call: what is not pinned now is asked for again.
  if (!resolve.empty()) pins.add(resolve);
  curl_easy_setopt(curl, CURLOPT_RESOLVE, pins.get());
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, stop == nullptr ? &never : stop);
}

bool ended_late(CURLcode result) {
  return result == CURLE_OPERATION_TIMEDOUT || result == CURLE_ABORTED_BY_CALLBACK;
}

}  // namespace kiln
