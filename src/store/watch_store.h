// Port: which hosts are asked for news of their repositories, when, and what was seen there last. Owned by
// app; every method is one transaction and safe from any thread. A connection that is gone is
// Errc::not_found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/trigger.h"

namespace kiln::store {

// A live connection that a live trigger builds from.
struct Watched {
  model::RepoConnection connection;
  int poll_seconds = 0;      // 0: it is not polled
  bool build_first = false;  // the production branch's head is to be built at the first look
  bool heads_known = false;  // what stood there at the connecting was seen
  TimeMs looked_on = 0;      // 0: never
  TimeMs next_on = 0;
  int failures = 0;     // one after the other, up to the last look
  std::string problem;  // of the last look; empty: none
};

using Heads = std::map<std::string, std::string>;  // branch → commit

// What one look at a host led to.
struct LookEnd {
  TimeMs looked_on = 0;
  TimeMs next_on = 0;
  std::string problem;         // empty: the host answered
  std::optional<Heads> heads;  // all that is seen from now on; nothing: as before
};

// The last that a delivery told of a branch.
struct LastJudged {
  std::string commit;  // empty: it was deleted
  TimeMs received_on = 0;
};

class WatchStore {
 public:
  virtual ~WatchStore() = default;

  [[nodiscard]] virtual Result<std::vector<Watched>> watched() = 0;
  [[nodiscard]] virtual Result<Watched> watch(const Uuid& connection) = 0;
  // 0: not polled any more. What was seen stays.
  [[nodiscard]] virtual Status set_poll(const Uuid& connection, int poll_seconds, bool build_first) = 0;

  [[nodiscard]] virtual Result<Heads> seen(const Uuid& connection) = 0;
  // Counts failures up, or back to none; with heads, they are known and nothing is to be built first any
  // more.
  [[nodiscard]] virtual Status end_look(const Uuid& connection, const LookEnd& end) = 0;

  // Nothing: no delivery ever told of that branch.
  [[nodiscard]] virtual Result<std::optional<LastJudged>> last_judged(const model::RepoConnection& connection,
                                                                      const std::string& branch) = 0;
  // What deliveries of that moment (Unix ms) and later told last of each branch of the repository itself;
  // empty: it was deleted. Of the account's newest 10,000.
  [[nodiscard]] virtual Result<Heads> judged_since(const model::RepoConnection& connection, TimeMs since) = 0;
  // Whether the newest build of that branch by the connection's triggers is of that commit, whoever asked for
  // it.
  [[nodiscard]] virtual Result<bool> was_built(const model::RepoConnection& connection,
                                               const std::string& branch, const std::string& commit) = 0;
};

}  // namespace kiln::store
