// What calls over libcurl have in common, whichever protocol they speak. Functions belong to the thread of
// their handle.
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace kiln {

// A list of texts as libcurl takes them.
class CurlList {
 public:
  CurlList() = default;
  ~CurlList() { curl_slist_free_all(list_); }
  CurlList(const CurlList&) = delete;
  CurlList& operator=(const CurlList&) = delete;

  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) std::abort();  // out of memory
    list_ = longer;
  }
  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

// A new handle; null when libcurl does not start.
[[nodiscard]] CURL* new_curl();

// What both doors promise: signals are left alone, `timeout_ms` for the whole (0: none), authorities of `ca`
// (PEM, or empty) beside the machine's, names pinned by `resolve` (put into `pins`), and an end within a
// second once `*stop` (or null) is true. All that is given outlives the call.
void set_common(CURL* curl, int timeout_ms, const std::string& ca, const std::string& resolve, CurlList& pins,
                const std::atomic<bool>* stop);

// Whether the call ended because its time was over, or because it was stopped.
[[nodiscard]] bool ended_late(CURLcode result);

}  // namespace kiln
