// Where an account's Workers and their previews are reached: <scheme>://<worker>.<suffix>,
// <scheme>://<label>-<worker>.<suffix>. Value: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace kiln::workers {

struct Hosts {
  std::string subdomain = "dev";     // the account's, as shown by the API
  std::string domain = "localhost";  // the suffix is "<subdomain>.<domain>:<port>"
  std::uint16_t port = 0;            // where they answer; 0 and the scheme's own are not written
  std::string scheme = "http";       // "https" where a proxy in front speaks TLS

  // Of any host that leads to Workers.
  [[nodiscard]] std::string url_of(std::string_view host) const {
    return scheme + "://" + std::string(host) + port_text();
  }
  [[nodiscard]] std::string suffix() const { return subdomain + "." + domain + port_text(); }
  [[nodiscard]] std::string worker_url(std::string_view worker) const {
    return scheme + "://" + std::string(worker) + "." + suffix();
  }
  // What a client puts behind a version's or alias's label.
  [[nodiscard]] std::string preview_suffix(std::string_view worker) const {
    return "-" + std::string(worker) + "." + suffix();
  }
  [[nodiscard]] std::string preview_url(std::string_view label, std::string_view worker) const {
    return scheme + "://" + std::string(label) + preview_suffix(worker);
  }

  // Behind a host: empty, or ":8788".
  [[nodiscard]] std::string port_text() const {
    const bool plain = port == 0 || port == (scheme == "https" ? 443 : 80);
    return plain ? std::string() : ":" + std::to_string(port);
  }
};

// The host label of a version's own preview.
[[nodiscard]] inline std::string version_label(const Uuid& version) {
  return version.str().substr(0, 8);
}

}  // namespace kiln::workers
