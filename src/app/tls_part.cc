#include "app/tls_part.h"

#include <algorithm>

namespace kiln::app {
namespace {

std::vector<http::CertificateFiles> files_of(const settings::TlsSettings& settings) {
  std::vector<http::CertificateFiles> files = {{settings.certificate.string(), settings.key.string()}};
  if (!settings.workers_certificate.empty())
    files.push_back({settings.workers_certificate.string(), settings.workers_key.string()});
  return files;
}

}  // namespace

Status check_tls(const settings::Config& config) {
  const settings::TlsSettings& tls = config.tls;
  if (tls.listen.empty()) {
    const bool named = !tls.certificate.empty() || !tls.key.empty() || !tls.workers_certificate.empty();
    if (!named) return {};
    return fail(Errc::invalid,
                "a certificate is named, and no address to listen at: --tls-listen HOST:PORT, or tls.listen",
                "tls.listen");
  }
  if (tls.certificate.empty() || tls.key.empty()) {
    return fail(Errc::invalid,
                "TLS needs a certificate and its key, each a file of PEM: --tls-cert and --tls-key, or "
                "tls.certificate and tls.key",
                "tls.certificate");
  }
  if (tls.workers_certificate.empty() != tls.workers_key.empty())
    return fail(Errc::invalid, "tls.workers_certificate and tls.workers_key go together", "tls.workers_key");
  if (config.public_url.starts_with("https://")) return {};
  return fail(
      Errc::invalid,
      "TLS needs server.public_url, the https:// address of the API and the page: by its name they are "
      "told from Workers",
      "server.public_url");
}

Result<std::unique_ptr<TlsPart>> TlsPart::start(const settings::TlsSettings& settings,
                                                const ListenAddress& address,
                                                const http::SeatLimits& connections, Served served) {
  std::unique_ptr<TlsPart> part(new TlsPart(files_of(settings)));
  auto certificates = http::Certificates::read(part->files_);
  if (!certificates) return tl::unexpected<Error>(certificates.error());
  http::TlsOptions options;
  options.connections = connections;
  part->door_ = std::make_unique<http::TlsDoor>(
      std::move(*certificates),
      [served = std::move(served)](std::string_view name, Fd connection) {
        const bool is_page = name.empty() || std::find(served.page_names.begin(), served.page_names.end(),
                                                       name) != served.page_names.end();
        (is_page || !served.workers ? served.api : served.workers)(std::move(connection));
      },
      options);
  const Result<std::uint16_t> port = part->door_->listen_tcp(address.first, address.second);
  if (!port) return context(port.error(), "where TLS is spoken (--tls-listen)");
  part->port_ = *port;
  part->door_->start();
  return part;
}

Status TlsPart::reload() {
  auto certificates = http::Certificates::read(files_);
  if (!certificates) return tl::unexpected<Error>(certificates.error());
  door_->replace(std::move(*certificates));
  return {};
}

}  // namespace kiln::app
