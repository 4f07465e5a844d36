// A sign-in that somebody has begun at the provider of identities, as their browser keeps it in a cookie:
// sealed, so that nobody reads or makes one, and bound by it to that browser. Nothing of it is kept here, so
// that nobody fills our memory by beginning. Immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/sessions/origin_checks.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/secret_box.h"
#include "model/oidc.h"

namespace kiln::api::sessions {

inline constexpr TimeMs kSignInFlowMs = TimeMs{10} * 60'000;

struct SignInFlow {
  std::string state;     // comes back with the code
  std::string nonce;     // comes back in the ID token
  std::string verifier;  // of PKCE: who began shows it when they end
  std::string redirect_uri;
  TimeMs until = 0;
};

class SignInFlows {
 public:
  // Under a key of its own, made anew: a sign-in that was begun before a restart is begun again.
  explicit SignInFlows(Entropy& entropy) : entropy_(entropy), box_(entropy.bytes(32)) {}

  [[nodiscard]] SignInFlow begin(const PageHost& host, TimeMs now) const;
  [[nodiscard]] std::string seal(const SignInFlow& flow) const;
  // Nothing for what we have not sealed, or what is over.
  [[nodiscard]] std::optional<SignInFlow> open(std::string_view sealed, TimeMs now) const;

 private:
  Entropy& entropy_;
  SecretBox box_;
};

// Where the person goes to prove who they are (RFC 6749 4.1.1, RFC 7636 with S256).
[[nodiscard]] std::string authorization_url(const std::string& endpoint, const model::OidcSettings& settings,
                                            const SignInFlow& flow);

}  // namespace kiln::api::sessions
