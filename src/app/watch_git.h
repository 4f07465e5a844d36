// How watches ask git: of the server's mirrors and with each connection's credentials. Owned by Service; safe
// from any thread; blocks on git.
#pragma once

#include <string>

#include "app/commits.h"
#include "scm/git/git.h"
#include "watch/git_door.h"

namespace kiln::app {

class WatchGit final : public watch::GitDoor {
 public:
  // Both outlive it.
  WatchGit(scm::Git& git, const RepoKeys& keys) : git_(git), keys_(keys) {}

  [[nodiscard]] Result<store::Heads> heads(const model::RepoConnection& connection) override;
  [[nodiscard]] Result<queue::Queue::CommitText> commit(const model::RepoConnection& connection,
                                                        const std::string& branch,
                                                        const std::string& hash) override;
  [[nodiscard]] model::ChangedFiles changed_files(const model::RepoConnection& connection,
                                                  const model::PushEvent& push) override;
  [[nodiscard]] Result<bool> is_ancestor(const model::RepoConnection& connection, const std::string& commit,
                                         const std::string& newer) override;

 private:
  scm::Git& git_;
  RepoKeys keys_;
};

}  // namespace kiln::app
