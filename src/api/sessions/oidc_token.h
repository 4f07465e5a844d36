// An ID token: who signed in at the provider of identities, by its signed word (OpenID Connect Core 1.0, 2
// and 3.1.3.7; JWS RFC 7515, JWK RFC 7517), over cjose. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::api::sessions {

struct IdTokenExpected {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  TimeMs now = 0;
};

inline constexpr std::size_t kLongestIdToken = 64U << 10U;

// The token's claims, once it is known that one of the provider's keys has signed it, for us, for this one
// sign-in, and not long ago. `keys` is a JWK Set; only RSA and elliptic curves count, by an algorithm that
// the token names and the key allows, never "none" and never a shared secret. Errors: Errc::not_found where
// none of the keys is the one that the token names (they may have been changed since), Errc::unauthenticated.
[[nodiscard]] Result<boost::json::object> read_id_token(std::string_view token,
                                                        const boost::json::object& keys,
                                                        const IdTokenExpected& expected);

}  // namespace kiln::api::sessions
