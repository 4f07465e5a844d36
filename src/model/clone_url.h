// Addresses of repositories, and the credentials that people write into them: taken out before anything is
// stored, started or said. Pure; any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace kiln::model {

struct CleanUrl {
  std::string url;            // without user:password@
  std::string authorization;  // an Authorization header's value, "Basic …", of what stood there; or empty
};

// "https://user:token@host/x" → the URL without them, and the header that says the same. Only http(s) URLs
// carry credentials; of ssh:// and user@host:path the user is part of the address and stays. Errors:
// Errc::invalid, field "url": a password in an ssh URL, percent-encoding that is none.
[[nodiscard]] Result<CleanUrl> split_credentials(const std::string& url);

// The URL without user and password, or, of ssh, whose user is part of the address, without the password;
// however that is written.
[[nodiscard]] std::string without_credentials(const std::string& url);

// Whether both are http(s) URLs of one scheme, host and port: only then may the credentials of one be sent to
// the other (RFC 6454 4). Without credentials in them.
[[nodiscard]] bool same_origin(const std::string& one, const std::string& other);

}  // namespace kiln::model
