// Which of a deployment's versions takes a request. Belongs to the front's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/worker.h"

namespace kiln::serving {

// The version that a Cloudflare-Workers-Version-Overrides header (`my-worker="<version id>", other="…"`) asks
// for; nothing when it does not name this Worker or the version is not one of `versions`.
[[nodiscard]] std::optional<Uuid> overridden(std::string_view header, std::string_view worker,
                                             const std::vector<model::DeploymentTarget>& versions);

// Each version as often as its percentage says, independently from request to request.
class Chooser {
 public:
  explicit Chooser(std::uint64_t seed) : state_(seed | 1U) {}

  // `versions` is not empty.
  [[nodiscard]] const Uuid& choose(const std::vector<model::DeploymentTarget>& versions);
  // Some number, another one from call to call.
  [[nodiscard]] std::uint64_t draw();

 private:
  std::uint64_t state_;
};

}  // namespace kiln::serving
