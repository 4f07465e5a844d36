// Where an account's Workers and their previews are reached: http://<worker>.<suffix>,
// http://<label>-<worker>.<suffix>. Value: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace kiln::workers {

struct Hosts {
  std::string subdomain = "dev";     // the account's, as shown by the API
  std::string domain = "localhost";  // the suffix is "<subdomain>.<domain>:<port>"
  std::uint16_t port = 0;            // where they answer; 0 and 80 are not written

  [[nodiscard]] std::string suffix() const {
    const bool plain = port == 0 || port == 80;
    return subdomain + "." + domain + (plain ? "" : ":" + std::to_string(port));
  }
  [[nodiscard]] std::string worker_url(std::string_view worker) const {
    return "http://" + std::string(worker) + "." + suffix();
  }
  // What a client puts behind a version's or alias's label.
  [[nodiscard]] std::string preview_suffix(std::string_view worker) const {
    return "-" + std::string(worker) + "." + suffix();
  }
  [[nodiscard]] std::string preview_url(std::string_view label, std::string_view worker) const {
    return "http://" + std::string(label) + preview_suffix(worker);
  }
  // What preview_url() gave when the suffix was perhaps another one, as it is reached now.
  [[nodiscard]] std::string moved_here(std::string_view url) const {
    constexpr std::string_view kScheme = "http://";
    if (!url.starts_with(kScheme)) return std::string(url);
    const std::string_view host = url.substr(kScheme.size());
    return std::string(kScheme) + std::string(host.substr(0, host.find('.'))) + "." + suffix();
  }
};

// The host label of a version's own preview.
[[nodiscard]] inline std::string version_label(const Uuid& version) {
  return version.str().substr(0, 8);
}

}  // namespace kiln::workers
