// A Worker's program replaced, and nothing else of it. Stateless over the ports; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "workers/multipart.h"
#include "workers/ports.h"

namespace kiln::workers {

// Which part is the program, where the metadata does not say: a module, or a script of the older format.
struct Entry {
  std::string main_module;
  std::string body_part;
};

// The latest version with these modules in the place of its own, deployed at 100 %. Errors: those of
// upload_version; Errc::worker_not_found when there is no version yet.
[[nodiscard]] Result<model::Version> replace_content(Ports& ports, const Actor& actor,
                                                     const model::Worker& worker,
                                                     const std::vector<Part>& parts, const Entry& entry);

}  // namespace kiln::workers
