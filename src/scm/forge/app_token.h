// How a GitHub App proves itself: a short-lived JSON Web Token (RFC 7519) signed with its private key (RS256,
// RFC 7518 3.3). Pure but for OpenSSL; any thread.
// Source: GitHub docs, "Generating a JSON Web Token (JWT) for a GitHub App".
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace kiln::scm {

// `pem`: a private RSA key, PKCS#1 or PKCS#8. `issuer`: the App's id or client id. The token holds from a
// minute before `now_seconds` (Unix) for ten minutes in all. Errors: Errc::invalid for a key that is none.
[[nodiscard]] Result<std::string> app_jwt(const std::string& pem, const std::string& issuer,
                                          std::int64_t now_seconds);

// Errors: Errc::invalid, field "private_key", saying what it should be.
[[nodiscard]] Status check_app_key(const std::string& pem);

}  // namespace kiln::scm
