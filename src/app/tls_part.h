// The server's own TLS, where it is asked for (tls.listen): a door for the API and the page, which answer to
// the names of the page, and for Workers, which answer to all others. Owned by Service. start() and stop()
// belong to one thread, the rest to any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/listen_url.h"
#include "http/tls/tls_door.h"
#include "settings/config.h"

namespace kiln::app {

// Whether what the settings say of TLS is whole. Errors: Errc::invalid, with words on what is missing.
[[nodiscard]] Status check_tls(const settings::Config& config);

class TlsPart {
 public:
  using Take = std::function<void(Fd connection)>;
  struct Served {
    std::vector<std::string> page_names;  // in lower case; a client that asks for no name means these too
    Take api;
    Take workers;  // null: none are served, and whoever asks for one is shown the API
  };

  // Errors: Errc::invalid (a file is no certificate, or no key of it), Errc::io (the address is in use).
  [[nodiscard]] static Result<std::unique_ptr<TlsPart>> start(const settings::TlsSettings& settings,
                                                              const ListenAddress& address,
                                                              const http::SeatLimits& connections,
                                                              Served served);

  // Reads the certificates anew, for connections from then on. Errors: as above, and all stays as it is.
  [[nodiscard]] Status reload();
  // When the first certificate ends.
  [[nodiscard]] TimeMs expires_on() const { return door_->expires_on(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void stop() { door_->stop(); }

 private:
  explicit TlsPart(std::vector<http::CertificateFiles> files) : files_(std::move(files)) {}

  const std::vector<http::CertificateFiles> files_;
  std::unique_ptr<http::TlsDoor> door_;
  std::uint16_t port_ = 0;
};

}  // namespace kiln::app
