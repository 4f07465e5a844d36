// Bodies of hooks: GitHub deliveries in both content types, and the report of our own post-receive hook.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "model/pattern.h"
#include "scm/hooks/github.h"
#include "scm/hooks/plain_git.h"

namespace {

void check(const kiln::Result<kiln::model::ScmEvent>& event) {
  if (!event) return;
  const auto* pushes = std::get_if<std::vector<kiln::model::PushEvent>>(&*event);
  if (pushes == nullptr) return;
  for (const kiln::model::PushEvent& push : *pushes) {
    if (push.ref.compare(0, 5, "refs/") != 0) std::abort();
    if (push.provider == "git" && push.changed.paths.size() > kiln::model::kMaxFilesLookedAt) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  check(kiln::scm::parse_plain_git(body));
  for (const char* type : {"application/json", "application/x-www-form-urlencoded"}) {
    const kiln::scm::GithubDelivery delivery{"push", "d", type, body};
    (void)kiln::scm::github_claimed_repo(delivery);
    check(kiln::scm::parse_github(delivery));
  }
  return 0;
}
