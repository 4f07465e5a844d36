// What a server proves itself with to whoever comes by TLS: certificates with their keys, each read whole
// from its files, for a host's operator to renew while the server runs. A value that connections share until
// their end: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct ssl_ctx_st;

namespace kiln::http {

// PEM files: the chain, the server's own certificate first, and the key of that one.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

class Certificates {
 public:
  // Errors: Errc::invalid, field the file that cannot be read, is no such thing, or is no pair with the
  // other.
  [[nodiscard]] static Result<std::shared_ptr<const Certificates>> read(
      const std::vector<CertificateFiles>& files);
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  // Of the certificate that is good for the name, the first where none is: TLS 1.2 and above, HTTP/1.1, and
  // another one of these where the client asks for its name.
  [[nodiscard]] ssl_ctx_st* context_for(std::string_view name) const;
  // When the first of them ends.
  [[nodiscard]] TimeMs expires_on() const { return expires_on_; }

 private:
  Certificates() = default;
  [[nodiscard]] Status add(const CertificateFiles& files);

  std::vector<ssl_ctx_st*> contexts_;
  TimeMs expires_on_ = 0;
};

}  // namespace kiln::http
