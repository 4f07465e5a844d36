#include "http/tls/certificates.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace kiln::http {
namespace {

// As clients list protocols: each with its length in front.
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Why OpenSSL would not; forgets whatever else it has noted.
std::string reason() {
  const unsigned long code = ERR_peek_error();
  const char* words = ERR_reason_error_string(code);
  std::string out = words != nullptr ? words : "it cannot be read";
  ERR_clear_error();
  return out;
}

tl::unexpected<Error> unusable(const std::string& file, const std::string& why) {
  return fail(Errc::invalid, fmt::format("{}: {}", file, why), file);
}

// Nobody is asked for a password on a terminal.
int no_password(char* /*into*/, int /*size*/, int /*writes*/, void* /*data*/) {
  return 0;
}

// A client that knows other protocols alone is spoken to all the same, in HTTP/1.1.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned size, void* /*data*/) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, offered, size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int choose_certificate(SSL* ssl, int* /*alert*/, void* all) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name != nullptr) SSL_set_SSL_CTX(ssl, static_cast<const Certificates*>(all)->context_for(name));
  return SSL_TLSEXT_ERR_OK;
}

TimeMs end_of(SSL_CTX* context) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &time) != 1) return 0;
  return TimeMs{timegm(&time)} * 1'000;
}

}  // namespace

Result<std::shared_ptr<const Certificates>> Certificates::read(const std::vector<CertificateFiles>& files) {
  const std::shared_ptr<Certificates> all(new Certificates);
  for (const CertificateFiles& one : files) {
    if (const Status added = all->add(one); !added) return tl::unexpected<Error>(added.error());
  }
  return std::shared_ptr<const Certificates>(all);
}

Certificates::~Certificates() {
  for (SSL_CTX* context : contexts_) SSL_CTX_free(context);
}

Status Certificates::add(const CertificateFiles& files) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return fail(Errc::internal, "TLS cannot be set up: " + reason());
  contexts_.push_back(context);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_tlsext_servername_callback(context, choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context, this);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    return unusable(files.certificate, "no certificate in PEM can be read there: " + reason());
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return unusable(files.key,
                    fmt::format("no key without a password, of the certificate in {}, can be read there: {}",
                                files.certificate, reason()));
  const TimeMs end = end_of(context);
  expires_on_ = contexts_.size() == 1 ? end : std::min(expires_on_, end);
  return {};
}

ssl_ctx_st* Certificates::context_for(std::string_view name) const {
  const auto fits = [&](SSL_CTX* context) {
    return X509_check_host(SSL_CTX_get0_certificate(context), name.data(), name.size(), 0, nullptr) == 1;
  };
  const auto found = std::find_if(contexts_.begin(), contexts_.end(), fits);
  return found == contexts_.end() ? contexts_.front() : *found;
}

}  // namespace kiln::http
