// The files that ssh is pointed at for one call: private keys and the keys that the host may show. They
// stand in a folder of mode 0700 in memory (/dev/shm), or where that cannot be had below the mirrors, and go
// with this value; what a process that was killed left goes with the next call. No argument and no
// environment has a key. Internal to scm/git; belongs to one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/temp_folder.h"
#include "model/ssh_access.h"

namespace kiln::scm {

class SshFiles {
 public:
  // `fallback`: where the folder is made when memory has no room for it. Without anything in `access` nothing
  // is made. Errors: Errc::io, Errc::disk_full.
  [[nodiscard]] static Result<SshFiles> write(const model::SshAccess& access,
                                              const std::filesystem::path& fallback);

  // Options for ssh(1), to stand before all others: of two that say the same, ssh takes the first.
  [[nodiscard]] const std::vector<std::string>& options() const { return options_; }

 private:
  SshFiles() = default;

  std::optional<TempFolder> folder_;
  std::vector<std::string> options_;
};

// The name by which the host's keys are known in our own file, whatever the URL calls the host.
inline constexpr const char* kHostAlias = "kiln-repository-host";

}  // namespace kiln::scm
