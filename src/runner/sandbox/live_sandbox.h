// A sandbox as those see it who start it ahead of its build. See sandbox.h for its threads.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "runner/sandbox/network/policy.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

class LiveSandbox : public Sandbox {
 public:
  // Begun ahead of its build, with `lend_later`: what it shows of the repository's mirror and of the caches
  // (or empty). Before the first run(), which fails when they cannot be shown.
  virtual void lend(std::filesystem::path mirror, std::filesystem::path cache) = 0;

  // False: it, or its network, has ended.
  [[nodiscard]] virtual bool is_alive() const = 0;
};

// Sandbox::start() with the policy given. Errors: as there.
[[nodiscard]] Result<std::unique_ptr<LiveSandbox>> start_live(const SandboxHost& host,
                                                              const SandboxSpec& spec, NetworkPolicy policy);

}  // namespace kiln::runner
