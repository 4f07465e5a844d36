// Where ssh on this host goes for a remote: its own configuration may give a name another address, port or
// key. Internal to scm/git. Any thread; runs `ssh -G`, which reads files and contacts nobody.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "scm/git/reach.h"
#include "scm/git/remote_place.h"

namespace kiln::scm {

struct SshRoute {
  RemotePlace place;           // host and port that ssh would connect to
  bool has_key_alias = false;  // the configuration says by which name the host's key is known
  bool through_proxy =
      false;  // by the operator's own ProxyJump or ProxyCommand, which decides where it leads
};

// `place` is that of `url`. Errors: Errc::io when ssh cannot be started; Errc::invalid when it refuses its
// configuration or the host's name.
[[nodiscard]] Result<SshRoute> ssh_route(Processes& processes, const std::string& url,
                                         const RemotePlace& place);

// ssh to that place, held to `pins`; the command for the other end is still to be added.
[[nodiscard]] std::vector<std::string> ssh_words(const std::string& url, const RemotePlace& place,
                                                 const Pins& pins);

}  // namespace kiln::scm
