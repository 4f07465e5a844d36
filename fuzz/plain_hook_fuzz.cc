// The report of our own post-receive hook.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/pattern.h"
#include "scm/hooks/plain_git.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const kiln::Result<kiln::model::ScmEvent> event = kiln::scm::parse_plain_git(body);
  if (!event) return 0;
  const auto* pushes = std::get_if<std::vector<kiln::model::PushEvent>>(&*event);
  if (pushes == nullptr) return 0;
  for (const kiln::model::PushEvent& push : *pushes) {
    if (push.ref.compare(0, 5, "refs/") != 0) std::abort();
    if (push.changed.paths.size() > kiln::model::kMaxFilesLookedAt) std::abort();
  }
  return 0;
}
