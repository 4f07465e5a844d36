// Who is signed in to the page. A session is an API token's, and then has its rights and ends with it; or it
// was begun by a one-time code, which the owner of the data directory hands out; or it is a person's whom a
// provider of identities knows. Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "model/principal.h"

namespace kiln::model {

inline constexpr TimeMs kSessionMostMs = TimeMs{7} * 24 * 3'600'000;
inline constexpr TimeMs kSessionIdleMs = TimeMs{12} * 3'600'000;
inline constexpr TimeMs kLoginCodeMs = TimeMs{5} * 60'000;
inline constexpr std::string_view kLoginCodePrefix = "kiln_l_";

// What a code opens. Its text is shown once; only its hash is stored.
struct LoginCode {
  std::string account_id;  // empty: every account, as an administrator
  Permissions permissions = Permissions::all();
  std::string name;
  TimeMs expires_on = 0;
};

// Whom a provider of identities let in, and what the settings make of that.
struct ProvenPerson {
  std::string person;      // who it is for that provider, for ever
  std::string account_id;  // empty: every account, as an administrator
  std::string name;        // for people
  Permissions permissions;
  TimeMs expires_on = 0;
  std::string granted_by;  // the settings it was let in by (oidc.h, grant_of)
};

struct Session {
  Uuid id;
  std::optional<Uuid> token;  // whose rights it has; nothing: begun by a code
  std::string account_id;     // empty: every account, as an administrator
  std::string name;
  Permissions permissions;
  TimeMs created_on = 0;
  TimeMs last_used_on = 0;
  TimeMs expires_on = 0;
  std::string address;     // from where it was begun
  std::string user_agent;  // by what, as that said
  std::string person{};    // whose it is, of one that a provider's word began; else empty

  [[nodiscard]] bool is_admin() const { return account_id.empty() || permissions.admin; }
  [[nodiscard]] TimeMs idle_expires_on() const { return last_used_on + kSessionIdleMs; }
};

}  // namespace kiln::model
