#include "model/oidc.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::model {
namespace {

bool names_one(const std::vector<std::string>& named, const std::vector<std::string>& groups) {
  return std::any_of(named.begin(), named.end(), [&](const std::string& name) {
    return name == "*" || std::find(groups.begin(), groups.end(), name) != groups.end();
  });
}

}  // namespace

std::optional<Role> role_of(const RoleGroups& by, const std::vector<std::string>& groups) {
  if (names_one(by.administer, groups)) return Role::administer;
  if (names_one(by.operate, groups)) return Role::operate;
  if (names_one(by.view, groups)) return Role::view;
  return std::nullopt;
}

std::string_view word_for(Role role) {
  switch (role) {
    case Role::view:
      return "view";
    case Role::operate:
      return "operate";
    case Role::administer:
      return "administer";
  }
  return "";
}

Permissions rights_of(Role role) {
  if (role == Role::view) return *Permissions::parse("ci:read,scripts:read");
  return Permissions::all();
}

bool is_provider_url(std::string_view url) {
  if (url.starts_with("https://")) return url.size() > 8;
  constexpr std::array<std::string_view, 3> loopback = {"http://127.0.0.1", "http://localhost",
                                                        "http://[::1]"};
  return std::any_of(loopback.begin(), loopback.end(), [&](std::string_view host) {
    return url.starts_with(host) &&
           (url.size() == host.size() || url[host.size()] == '/' || url[host.size()] == ':');
  });
}

std::string grant_of(const OidcSettings& settings) {
  if (settings.issuer.empty()) return {};
  std::string all = settings.issuer;
  const auto add = [&all](std::string_view text) { all.append("\n").append(text); };
  add(settings.client_id);
  add(settings.groups_claim);
  add(settings.account_id);
  for (const auto* groups : {&settings.roles.view, &settings.roles.operate, &settings.roles.administer}) {
    add("-");
    for (const std::string& group : *groups) add(group);
  }
  return to_hex(sha256(all));
}

}  // namespace kiln::model
