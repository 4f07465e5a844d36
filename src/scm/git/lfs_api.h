// The words of Git LFS: where a remote's LFS server is, its batch API, and what it answers. Internal to
// scm/git. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "scm/git/git.h"

namespace kiln::scm {

using LfsHeaders = std::vector<std::pair<std::string, std::string>>;

// Where objects are asked for, and with which header fields.
struct LfsServer {
  std::string url;
  LfsHeaders headers;
};

// That of an HTTP(S) remote.
[[nodiscard]] std::string lfs_server_of(const std::string& url);
// "git-lfs-authenticate PATH download", for the shell at the other end of an ssh remote. Errors:
// Errc::invalid for a path that cannot be quoted.
[[nodiscard]] Result<std::string> lfs_ssh_command(const std::string& url);
// What that command says. Errors: Errc::unavailable.
[[nodiscard]] Result<LfsServer> parse_lfs_server(std::string_view json);

// Where one object is, or why it is not to be had.
struct LfsPlace {
  LfsObject object;
  std::string href;
  LfsHeaders headers;
  std::string refused;
};

[[nodiscard]] std::string lfs_batch_body(const std::vector<LfsObject>& wanted);
// Of those in `wanted`, and no others. Errors: Errc::unavailable for an answer that is none.
[[nodiscard]] Result<std::vector<LfsPlace>> parse_lfs_batch(std::string_view json,
                                                            const std::vector<LfsObject>& wanted);

}  // namespace kiln::scm
