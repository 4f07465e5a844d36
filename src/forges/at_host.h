// What is done at a repository's host when it is connected: its hook is made there, or the App that hears of
// it anyway is held against it. Called by api/control; any thread; asks the host, fifteen seconds a call at
// most.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "forges/directory.h"
#include "model/trigger.h"

namespace kiln::forges {

struct AtHost {
  bool hook_made = false;          // deliveries come, and nobody need add a webhook
  std::vector<std::string> notes;  // what was done, and what could not be, in sentences
};

// Nothing is done where no forge is set up and the connection has no token. What a token may not do is a
// note, since a person can do it. Errors: Errc::not_found with words that lead on when an App does not see
// the repository; Errc::unavailable and Errc::timeout of its host.
[[nodiscard]] Result<AtHost> set_up_at_host(Directory& directory, store::ConnectionStore& connections,
                                            const Clock& clock, const model::RepoConnection& connection,
                                            const scm::HookWish& hook);

// Takes back what set_up_at_host() made: the hook whose URL names `hook_id`. Says what was done, or what a
// person has to do, in sentences; nothing where nothing was made.
[[nodiscard]] std::vector<std::string> leave_host(Directory& directory,
                                                  const model::RepoConnection& connection,
                                                  const std::string& hook_id);

}  // namespace kiln::forges
