// Where a submodule comes from: addresses in a repository's .gitmodules, which whoever pushes to it writes.
// Internal to scm/git. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace kiln::scm {

// `written` ("https://…", "ssh://…", "git@host:path", "../lib.git") as an address, a relative one seen from
// `base_url`. Repositories of the runner's own machine only for a `base_url` there, and only those in
// `folders`, absolute paths of repositories or of folders of them. Errors: Errc::invalid, saying why it is
// not fetched, and what check_remote_url() refuses.
[[nodiscard]] Result<std::string> submodule_url(const std::string& base_url, const std::string& written,
                                                const std::vector<std::string>& folders);

// Both are HTTP(S) and have the same scheme, host and port: only then may one's credentials reach the other.
[[nodiscard]] bool is_same_host(const std::string& base_url, const std::string& url);

}  // namespace kiln::scm
