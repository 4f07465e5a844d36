// Where git on this host, and events, may go: the policy of reach. The address that git connects to is
// judged, not the name in the URL: the name is resolved once, every address that it has must be open, and git
// is held to those addresses (pins), so that a name that changes its mind meanwhile leads nowhere else.
//
// Closed until `git.allow` opens them: loopback, "this network", link-local with the clouds' metadata
// services there, the metadata addresses that stand elsewhere, multicast, reserved ranges, and IPv6 addresses
// that carry one of these within (RFC 6052, 3056, 4291). Private ranges are open to git, since a team's
// forges live there; to events they are closed until `events.allow` opens them.
//
// Owned by app, or by the runner; immutable; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/resolver.h"
#include "base/result.h"
#include "scm/git/remote_place.h"

namespace kiln::scm {

// What git is started with besides its arguments, so that it reaches what was judged and nothing else.
struct Pins {
  std::string curl;              // value of http.curloptResolve, or empty
  std::vector<std::string> ssh;  // options for ssh(1)
};

class Reach {
 public:
  // Who goes: git, or the events that an account has sent out.
  enum class Who { git, events };

  // `allow`: addresses and ranges ("127.0.0.1", "10.0.0.0/8"), which open what is closed, host names
  // ("git.internal"), which open whatever they lead to, and absolute paths (folders()). Errors: Errc::invalid
  // naming the entry that is none.
  [[nodiscard]] static Result<Reach> make(const std::vector<std::string>& allow, Resolver& resolver,
                                          Who who = Who::git);

  // Whose repositories may be submodules of repositories of this machine.
  [[nodiscard]] const std::vector<std::string>& folders() const { return folders_; }

  // Local paths have no pins. Errors: Errc::unavailable (the name has no address), Errc::forbidden, field
  // "url", saying which address is closed and what opens it.
  [[nodiscard]] Result<Pins> judge(const RemotePlace& place) const;

 private:
  Reach(Resolver& resolver, Who who) : resolver_(&resolver), who_(who) {}

  Resolver* resolver_;
  Who who_;
  IpRanges opened_;
  std::vector<std::string> opened_names_;
  std::vector<std::string> folders_;
};

}  // namespace kiln::scm
