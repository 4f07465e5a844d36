#include "model/principal.h"

#include <array>
#include <utility>

#include "base/strings.h"

namespace kiln::model {
namespace {

constexpr std::array<std::pair<std::string_view, bool Permissions::*>, 5> kRights = {{
    {"ci:read", &Permissions::ci_read},
    {"ci:write", &Permissions::ci_write},
    {"scripts:read", &Permissions::scripts_read},
    {"scripts:write", &Permissions::scripts_write},
    {"admin", &Permissions::admin},
}};

}  // namespace

std::optional<Permissions> Permissions::parse(std::string_view text) {
  Permissions permissions;
  for (const std::string& part : split(text, ',')) {
    const std::string_view word = trim(part);
    bool known = false;
    for (const auto& [right, member] : kRights) {
      if (right != word) continue;
      permissions.*member = true;
      known = true;
    }
    if (!known) return std::nullopt;
  }
  if (permissions.admin) {
    permissions = all();
    permissions.admin = true;
  }
  permissions.ci_read |= permissions.ci_write;
  permissions.scripts_read |= permissions.scripts_write;
  return permissions;
}

std::string Permissions::str() const {
  std::string text;
  for (const auto& [right, member] : kRights) {
    if (!(this->*member)) continue;
    if (!text.empty()) text += ',';
    text += right;
  }
  return text;
}

}  // namespace kiln::model
