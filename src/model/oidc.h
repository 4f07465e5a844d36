// Signing in to the page by a provider of identities (OpenID Connect): what the settings say of it, and what
// people's groups let them do. Values and pure functions: any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/principal.h"

namespace kiln::model {

enum class Role { view, operate, administer };

// Which groups give which role; "*" is everybody whom the provider lets in.
struct RoleGroups {
  std::vector<std::string> view;
  std::vector<std::string> operate;
  std::vector<std::string> administer;
};

// The highest that one of the groups gives; nothing when none gives any.
[[nodiscard]] std::optional<Role> role_of(const RoleGroups& by, const std::vector<std::string>& groups);
// "view", "operate" or "administer".
[[nodiscard]] std::string_view word_for(Role role);
// To see everything of an account, or to change it. Who administers has every right in every account, which a
// session has that belongs to none.
[[nodiscard]] Permissions rights_of(Role role);

struct OidcSettings {
  std::string issuer;  // as the provider writes it, to the letter; empty: nobody signs in that way
  std::string client_id;
  std::filesystem::path client_secret_file;  // empty: a client without one, held by PKCE alone
  std::filesystem::path ca_file;  // PEM: whom to believe that the provider is itself; empty: the machine's
  std::string name = "single sign-on";  // as the page calls it
  std::vector<std::string> scopes = {"openid", "profile", "email"};
  std::string groups_claim = "groups";
  std::string account_id;  // of those who do not administer; empty: the first account
  int session_hours = 12;  // at most
  RoleGroups roles;
};

// Whether an address of the provider's may be asked: https, or loopback.
[[nodiscard]] bool is_provider_url(std::string_view url);

// What those who are signed in were let in by: of other settings it is another. Empty without an issuer.
[[nodiscard]] std::string grant_of(const OidcSettings& settings);

}  // namespace kiln::model
