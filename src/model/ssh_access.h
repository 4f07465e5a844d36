// What git shows to, and expects of, a repository's host over SSH. Value: any thread; never logged.
#pragma once

#include <string>
#include <vector>

namespace kiln::model {

struct SshAccess {
  // Private keys in OpenSSH's form, the one to try first in front; none: those that ssh on this machine has.
  std::vector<std::string> keys = {};
  // Keys that the host may show, "ssh-ed25519 AAAA…", one a line; empty: as ssh on this machine knows them.
  std::string host_keys = {};

  [[nodiscard]] bool empty() const { return keys.empty() && host_keys.empty(); }
  bool operator==(const SshAccess&) const = default;
};

}  // namespace kiln::model
