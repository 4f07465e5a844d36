// Who is calling: the outcome of authentication, handed to every handler. Value: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "model/job.h"

namespace kiln::model {

// Bits of what a token may do.
struct Permissions {
  bool ci_read = false;
  bool ci_write = false;
  bool scripts_read = false;
  bool scripts_write = false;
  bool admin = false;  // every account, and the installation

  bool operator==(const Permissions&) const = default;
  // In an account: all but admin.
  [[nodiscard]] static Permissions all() { return {true, true, true, true}; }
  // "ci:read,ci:write,scripts:read,scripts:write,admin" in any order; nothing when a word is unknown or none
  // is given. A write right includes the read right of its kind, admin includes all.
  [[nodiscard]] static std::optional<Permissions> parse(std::string_view text);
  [[nodiscard]] std::string str() const;
};

// A token minted for one attempt of one build: good only while that attempt holds its lease, for its Worker
// alone, and as far as its branch is trusted.
struct BuildScope {
  Uuid build_uuid;
  std::string worker_tag;
  std::string worker_name;
  std::string branch{};
  CacheTrust trust = CacheTrust::fork;

  // Of a branch that its trigger does not name: it uploads versions and previews, and changes nothing live.
  [[nodiscard]] bool previews_only() const { return trust != CacheTrust::production; }
};

// What the token of a build may do whose branch its trigger does not name (builds.preview_token).
enum class PreviewToken { previews, full };

// How the text of a token that is minted for a build begins.
inline constexpr std::string_view kBuildTokenPrefix = "kiln_b_";

struct Principal {
  std::string account_id;  // empty for an administrator without a token; every one may act in any account
  std::string token_id;    // empty: no token was shown
  std::string name;
  Permissions permissions;
  bool is_admin = false;  // the data directory's owner, over the control socket; or with the right admin
  std::optional<BuildScope> build;
  std::optional<TimeMs> expires_on;
  std::optional<Uuid> session{};  // of the page, by which it calls
  bool is_person = false;         // whom a provider of identities knows
};

struct ApiToken {
  Uuid id;
  std::string account_id;
  std::string name;
  Permissions permissions;
  TimeMs created_on = 0;
  std::optional<TimeMs> expires_on;
  std::optional<TimeMs> last_used_on;
  std::optional<TimeMs> revoked_on;
  std::optional<TimeMs> old_until = {};  // of the secret before the last rotation
};

struct Account {
  std::string id;  // 32 hex
  std::string name;
  std::string subdomain;
  TimeMs created_on = 0;
  std::optional<std::int64_t> build_minutes = {};  // a month, at most; nothing: any number
};

}  // namespace kiln::model
