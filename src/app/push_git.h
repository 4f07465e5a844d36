// What the taking in of a push asks of git, answered within a moment or not at all: the push is stored either
// way. Questions run on threads of their own and go on when nobody waits any more, since the mirror they fill
// is asked again soon. Owned by Service; safe from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/hooks/routes.h"
#include "app/commits.h"
#include "base/task_threads.h"
#include "scm/git/git.h"
#include "scm/git/host_slots.h"

namespace kiln::app {

class PushGit {
 public:
  // Both outlive it.
  PushGit(scm::Git& git, const RepoKeys& keys);
  ~PushGit() { stop(); }
  PushGit(const PushGit&) = delete;
  PushGit& operator=(const PushGit&) = delete;

  void start();
  // Waits for the questions that run.
  void stop();

  // What the push changed; not known when git has not said by `until`, or its host says nothing to others.
  [[nodiscard]] model::ChangedFiles changed_files(const model::RepoConnection& connection,
                                                  const model::PushEvent& push, api::HookDeps::Until until);
  // Nothing when git has not said so by `until`, or cannot.
  [[nodiscard]] std::optional<bool> is_ancestor(const model::RepoConnection& connection,
                                                const std::string& ancestor, const std::string& descendant,
                                                api::HookDeps::Until until);
  // Errors: those of scm::Git::commit(), Errc::timeout, Errc::unavailable.
  [[nodiscard]] Result<queue::Queue::CommitText> commit(const model::RepoConnection& connection,
                                                        const std::string& hash, api::HookDeps::Until until);

 private:
  // Nothing when there was no answer in time.
  template <typename Answer>
  [[nodiscard]] std::optional<Answer> ask(const std::string& url, api::HookDeps::Until until,
                                          std::function<Answer()> question);

  scm::Git& git_;
  RepoKeys keys_;
  scm::HostSlots hosts_;
  TaskThreads threads_;
};

}  // namespace kiln::app
