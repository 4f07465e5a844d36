// A sandbox as those see it who start it ahead of its build. See sandbox.h for its threads.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "runner/sandbox/launch.h"
#include "runner/sandbox/network/policy.h"
#include "runner/sandbox/network/wall.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

// Beside the build's own folders on its disk, and root's.
inline constexpr const char* kLent = "lent";
inline constexpr const char* kLentMirror = "lent/mirror";
inline constexpr const char* kLentCache = "lent/cache";

class LiveSandbox : public Sandbox {
 public:
  // Begun ahead of its build, with `lend_later`: what it shows of the repository's mirror and of the caches
  // (or empty). Before the first run(), which fails when they cannot be shown.
  virtual void lend(std::filesystem::path mirror, std::filesystem::path cache) = 0;

  // Before the first run().
  virtual void stand_behind(std::unique_ptr<NetworkWall> wall) = 0;

  // False: it, or its network, has ended.
  [[nodiscard]] virtual bool is_alive() const = 0;
};

// Around a bubblewrap that was launched for `spec`; `limits` may be null.
[[nodiscard]] std::unique_ptr<LiveSandbox> make_live(Launched launched, const SandboxSpec& spec,
                                                     std::unique_ptr<Confinement> limits);

// Sandbox::start() with the policy given. Errors: as there.
[[nodiscard]] Result<std::unique_ptr<LiveSandbox>> start_live(const SandboxHost& host,
                                                              const SandboxSpec& spec, NetworkPolicy policy);

}  // namespace kiln::runner
