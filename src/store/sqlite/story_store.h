// What builds went through, read from the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "store/sqlite/database.h"
#include "store/story_store.h"

namespace kiln::store::sqlite {

class SqliteStoryStore final : public StoryStore {
 public:
  explicit SqliteStoryStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<BuildStory> story(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<BuildNote> note(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<BuildNotes> notes(const std::string& account_id, const BuildFilter& filter,
                                         std::optional<std::int64_t> before, int limit) override;
  [[nodiscard]] Result<std::vector<BuildNote>> notes_of(const std::string& account_id,
                                                        const std::vector<std::int64_t>& numbers) override;
  [[nodiscard]] Result<std::vector<BuildNote>> leased_notes(const std::string& account_id) override;
  [[nodiscard]] Result<std::vector<OpenBuild>> open_builds(const std::string& account_id, int limit) override;
  [[nodiscard]] Result<OpenCounts> open_counts(const std::string& account_id) override;
  [[nodiscard]] Result<std::optional<BuildNote>> last_good(const std::string& account_id,
                                                           const Uuid& uuid) override;
  [[nodiscard]] Result<std::map<std::string, TimeMs>> usual_times(
      const std::string& account_id, const std::set<std::string>& worker_tags) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
