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

// The look without parsing and the parse must speak of one repository.
void same_repository(const kiln::Result<kiln::scm::ClaimedRepo>& claimed,
                     const kiln::model::ScmEvent& event) {
  if (const auto* request = std::get_if<kiln::model::PullRequestEvent>(&event)) {
    if (!claimed || claimed->id != request->repo_id) std::abort();
    if (request->head_commit.empty() || request->number < 1) std::abort();
  }
  const auto* pushes = std::get_if<std::vector<kiln::model::PushEvent>>(&event);
  if (pushes == nullptr) return;
  if (!claimed || claimed->id != pushes->at(0).repo_id) std::abort();
  if (!claimed->full_name.empty() && claimed->full_name != pushes->at(0).repo_full_name) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  check(kiln::scm::parse_plain_git(body));
  for (const char* kind : {"push", "pull_request"}) {
    for (const char* type : {"application/json", "application/x-www-form-urlencoded"}) {
      const kiln::scm::GithubDelivery delivery{kind, "d", type, body};
      const kiln::Result<kiln::scm::ClaimedRepo> claimed = kiln::scm::github_claimed_repo(delivery);
      const kiln::Result<kiln::model::ScmEvent> event = kiln::scm::parse_github(delivery);
      check(event);
      if (event) same_repository(claimed, *event);
    }
  }
  return 0;
}
