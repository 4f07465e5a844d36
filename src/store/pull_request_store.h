// Port: the pull requests that hosts have told of. Owned by app; every method is one durable transaction and
// safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/build.h"

namespace kiln::store {

struct PullRequestNote {
  Uuid connection;
  std::int64_t number = 0;
  std::string url;
  std::string head_branch;  // of the repository itself; empty when the head is in a fork
  std::string head_commit;  // or its beginning, where the host cuts it
  bool open = true;
  TimeMs created_on = 0;
  TimeMs updated_on = 0;
};

class PullRequestStore {
 public:
  virtual ~PullRequestStore() = default;

  // Keeps it unless newer news of the same pull request is here already. An open one whose head is a branch
  // of the repository is also noted on the builds of that branch and commit which have none or a closed one,
  // among the last hundred of each Worker: they began before it was opened. Returns those builds.
  [[nodiscard]] virtual Result<std::vector<Uuid>> note(const PullRequestNote& news) = 0;

  // What the newest news of it said; nothing when there were none.
  struct Noted {
    std::string head_commit;
    bool open = true;
    TimeMs updated_on = 0;
  };
  [[nodiscard]] virtual Result<std::optional<Noted>> noted(const Uuid& connection, std::int64_t number) = 0;

  // The open pull request whose head is this branch of the repository itself; of several, the newest.
  [[nodiscard]] virtual Result<std::optional<model::PullRequest>> open_of_branch(
      const Uuid& connection, const std::string& branch) = 0;
};

}  // namespace kiln::store
