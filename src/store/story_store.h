// Port: what builds went through, and lists of builds for people. Owned by app; every method is one snapshot
// and safe from any thread. Builds of another account are Errc::not_found, or left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build_story.h"
#include "store/build_store.h"

namespace kiln::store {

// A build with what is known of how it goes.
struct BuildNote {
  std::int64_t number = 0;  // a newer build has a larger one
  BuildRow row;
  int attempt = 0;  // how many runners have had it
  std::string runner_id;
  bool leased = false;                   // a runner has it now
  model::EndWords words;                 // of one that is over
  std::optional<model::BuildStep> step;  // the last that it entered, while it is not over
  TimeMs held_ms = 0;                    // how long runners held it, of one that is over
};

struct BuildStory {
  BuildNote note;
  std::vector<model::BuildStep> steps;  // of every attempt
  std::vector<model::ToolUsed> tools;
  std::vector<model::CacheUse> caches;
};

// A build that is not over, as far as its place in the queue asks for it.
struct OpenBuild {
  std::int64_t number = 0;
  Uuid uuid;
  std::string worker_tag;
  Uuid trigger_uuid;
  std::string branch;
  bool begun = false;   // some runner has had it
  bool leased = false;  // a runner has it now
  bool waits_for_approval = false;
  std::optional<TimeMs> initializing_on{};
};

struct OpenCounts {
  std::int64_t running = 0;  // those that a runner has
  std::int64_t waiting = 0;  // the others that are not over
};

// What is set holds together.
struct BuildFilter {
  std::string worker_tag{};
  std::string branch{};
  std::string author{};
  std::string commit{};  // the beginning of its hash, lower case
  std::optional<model::BuildOutcome> outcome{};
  std::optional<model::BuildStatus> status{};  // `running` stands for initializing too
  std::optional<TimeMs> since{};               // made then or later
};

struct BuildNotes {
  std::vector<BuildNote> items;
  std::optional<std::int64_t> next;  // the number of which the next page's are all less; nothing at the end
};

class StoryStore {
 public:
  virtual ~StoryStore() = default;

  [[nodiscard]] virtual Result<BuildStory> story(const std::string& account_id, const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<BuildNote> note(const std::string& account_id, const Uuid& uuid) = 0;
  // Newest first, of a number less than `before`, `limit` at most. Looks at so many builds a call and no
  // more, so that a page may hold fewer and not be the last.
  [[nodiscard]] virtual Result<BuildNotes> notes(const std::string& account_id, const BuildFilter& filter,
                                                 std::optional<std::int64_t> before, int limit) = 0;
  // Those of these numbers, in their order; those that are gone are left out.
  [[nodiscard]] virtual Result<std::vector<BuildNote>> notes_of(const std::string& account_id,
                                                                const std::vector<std::int64_t>& numbers) = 0;
  // Those that a runner has, oldest first.
  [[nodiscard]] virtual Result<std::vector<BuildNote>> leased_notes(const std::string& account_id) = 0;
  // Those that are not over, oldest first, `limit` at most.
  [[nodiscard]] virtual Result<std::vector<OpenBuild>> open_builds(const std::string& account_id,
                                                                   int limit) = 0;
  [[nodiscard]] virtual Result<OpenCounts> open_counts(const std::string& account_id) = 0;
  // The newest success of the same Worker and branch that is older; nothing without one.
  [[nodiscard]] virtual Result<std::optional<BuildNote>> last_good(const std::string& account_id,
                                                                   const Uuid& uuid) = 0;
  // How long the last successes of each of these Workers took, of up to ten the one in the middle; those
  // without one are left out.
  [[nodiscard]] virtual Result<std::map<std::string, TimeMs>> usual_times(
      const std::string& account_id, const std::set<std::string>& worker_tags) = 0;
};

}  // namespace kiln::store
