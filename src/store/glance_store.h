// Port: Workers at a glance. Owned by app; every method is one snapshot and safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/story_store.h"

namespace kiln::store {

// A version that visitors get, with what it was built from.
struct LiveVersion {
  Uuid version_id;
  double percentage = 0;
  TimeMs deployed_on = 0;
  std::optional<Uuid> build_uuid;  // nothing, and what follows is empty: no build of the account made it
  std::string branch;
  std::string commit_hash;
  std::string commit_message;
  std::string author;
};

struct WorkerGlance {
  std::string tag;
  std::string name;
  bool subdomain_enabled = false;
  bool connected = false;  // some trigger builds it
  std::optional<BuildNote> latest;
  std::vector<std::optional<model::BuildOutcome>> recent;  // of its last builds, newest first; nothing: open
  std::vector<LiveVersion> live;                           // of its last deployment
};

class GlanceStore {
 public:
  virtual ~GlanceStore() = default;

  // The account's Workers by name, each with `recent` builds at most.
  [[nodiscard]] virtual Result<std::vector<WorkerGlance>> glances(const std::string& account_id,
                                                                  int recent) = 0;
  // The same of one; nothing when the account has no such Worker.
  [[nodiscard]] virtual Result<std::optional<WorkerGlance>> glance(const std::string& account_id,
                                                                   const std::string& worker_tag,
                                                                   int recent) = 0;
};

}  // namespace kiln::store
