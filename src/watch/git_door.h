// What a watch asks of git: the door that tests put their own in. Owned by app; safe from any thread; blocks
// until the host has answered or its time is up.
#pragma once

#include <string>

#include "base/result.h"
#include "model/pattern.h"
#include "model/scm_event.h"
#include "model/trigger.h"
#include "queue/queue.h"
#include "store/watch_store.h"

namespace kiln::watch {

class GitDoor {
 public:
  virtual ~GitDoor() = default;
  // All branches as the host says now.
  [[nodiscard]] virtual Result<store::Heads> heads(const model::RepoConnection& connection) = 0;
  // Author and message of a branch's commit, fetched first.
  [[nodiscard]] virtual Result<queue::Queue::CommitText> commit(const model::RepoConnection& connection,
                                                                const std::string& branch,
                                                                const std::string& hash) = 0;
  [[nodiscard]] virtual model::ChangedFiles changed_files(const model::RepoConnection& connection,
                                                          const model::PushEvent& push) = 0;
  // Whether `newer` stands on `commit`. Errc::not_found: the host has one of them no more.
  [[nodiscard]] virtual Result<bool> is_ancestor(const model::RepoConnection& connection,
                                                 const std::string& commit, const std::string& newer) = 0;
};

}  // namespace kiln::watch
