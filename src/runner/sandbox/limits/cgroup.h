// One build's cgroup: a fresh folder in each controller, never used twice. Owned by the build's Confinement;
// one thread, but counts() and kill() may be called from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "runner/sandbox/limits/cgroup_host.h"
#include "runner/sandbox/limits/limits.h"

namespace kiln::runner {

struct CgroupCounts {
  std::optional<std::uint64_t> memory_peak;  // bytes
  std::optional<std::uint64_t> cpu_us;
  std::optional<std::uint64_t> processes_peak;
  std::uint64_t memory_kills = 0;
  std::uint64_t forks_refused = 0;
};

class Cgroup {
 public:
  // `name` must be new. Errors: Errc::io naming the file; nothing stays behind then.
  [[nodiscard]] static Result<std::unique_ptr<Cgroup>> make(const CgroupHost& host, const std::string& name,
                                                            const Limits& limits);
  ~Cgroup() { (void)remove(); }
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  // A child that writes "0" to each is in.
  [[nodiscard]] std::vector<int> doors() const;
  [[nodiscard]] CgroupCounts counts() const;
  void kill() const;
  // False when somebody is still in after that time.
  [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds at_most) const;
  // Ends whoever is in and removes the folders. Errors: Errc::io.
  [[nodiscard]] Status remove();

 private:
  Cgroup() = default;
  [[nodiscard]] std::filesystem::path in(const char* controller, const char* file) const;

  CgroupHost::Kind kind_ = CgroupHost::Kind::none;
  std::map<std::string, std::filesystem::path> folders_;
  std::vector<Fd> doors_;
};

// Ends everybody in `folder` and removes it, with what is below. Errors: Errc::io.
[[nodiscard]] Status end_cgroup(const std::filesystem::path& folder);

// Does so for every group below `places` whose name begins with `prefix`: what a killed runner left. Returns
// how many there were.
[[nodiscard]] Result<int> sweep_cgroups(const std::set<std::filesystem::path>& places,
                                        const std::string& prefix);

}  // namespace kiln::runner
