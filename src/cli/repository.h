// What `kiln connect` was pointed at, and how its hook gets there. Internal to cli.
#pragma once

#include <optional>
#include <string>

#include "base/process.h"
#include "base/result.h"
#include "scm/git/post_receive.h"

namespace kiln::cli {

struct SshAddress {
  std::string host;  // with the user, when one is given
  std::string port;  // empty: the usual one
  std::string path;
};

// Nothing for URLs of other kinds.
[[nodiscard]] std::optional<SshAddress> ssh_address(const std::string& url);

// A local path made absolute, or the URL as it is. Errors: Errc::invalid for a path that is no bare
// repository, saying what to do, and for URLs that scm::check_remote_url refuses.
[[nodiscard]] Result<std::string> repository_url(const std::string& given);

// Runs the hook's installer beside the repository: here, or over ssh. Not for http(s) URLs.
[[nodiscard]] Status install_hook(Processes& processes, const std::string& url,
                                  const scm::HookAddress& address);

}  // namespace kiln::cli
