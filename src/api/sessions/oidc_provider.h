// The provider of identities that the settings name (OpenID Connect Core 1.0, Discovery 1.0): where it signs
// people in, and who somebody is that comes back from there. What it says of itself is kept for an hour, its
// keys are asked for again when it signs with others. Owned by app; safe from any thread, and each call waits
// for the provider for seconds at most.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/result.h"
#include "model/oidc.h"

namespace kiln::api::sessions {

// What a provider says of itself.
struct ProviderPlaces {
  std::string authorization;
  std::string token;
  std::string user_info;  // empty: it tells of people in their ID token alone
  std::string keys_url;
  bool names_itself = false;  // its answers carry its issuer (RFC 9207)
  bool takes_basic = true;    // Kiln's secret as HTTP Basic; else in the body
};

struct SignedInPerson {
  std::string subject;
  std::string name;
  std::vector<std::string> groups;
};

// A code that a browser brought back, and the sign-in that it belongs to.
struct BroughtCode {
  std::string code;
  std::string verifier;  // of PKCE (RFC 7636)
  std::string nonce;
  std::string redirect_uri;
};

class OidcProvider {
 public:
  using MakeClient = std::function<std::unique_ptr<HttpClient>()>;

  // `ca`: PEM, or empty.
  OidcProvider(model::OidcSettings settings, std::string client_secret, std::string ca, MakeClient client,
               const Clock& clock)
      : settings_(std::move(settings)),
        client_secret_(std::move(client_secret)),
        ca_(std::move(ca)),
        client_(std::move(client)),
        clock_(clock) {}

  [[nodiscard]] const model::OidcSettings& settings() const { return settings_; }

  // Errors: Errc::unavailable, Errc::timeout where it does not answer, or not as the standards say.
  [[nodiscard]] Result<ProviderPlaces> places();
  // Errors: those, and Errc::unauthenticated where it does not stand by the code, or its word is not good.
  [[nodiscard]] Result<SignedInPerson> redeem(const BroughtCode& brought);

 private:
  struct Known {
    ProviderPlaces places;
    boost::json::object keys;
    TimeMs read_on = 0;
    TimeMs keys_read_on = 0;
  };

  [[nodiscard]] Result<Known> known(bool with_newer_keys);
  [[nodiscard]] Result<boost::json::object> claims_of(const std::string& id_token, const std::string& nonce);
  [[nodiscard]] Result<boost::json::object> ask(HttpRequest request, const char* what,
                                                bool may_refuse = false);

  const model::OidcSettings settings_;
  const std::string client_secret_;
  const std::string ca_;
  const MakeClient client_;
  const Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const Known> known_;
};

}  // namespace kiln::api::sessions
