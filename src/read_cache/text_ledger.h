// What the cache and the file of texts each know of all their texts: a number for every account, and as of
// when they are right. Owned by either, under its mutex.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "store/changed_builds.h"

namespace kiln::read_cache {

class TextLedger {
 public:
  explicit TextLedger(const store::ChangedBuilds& changed) : changed_(changed), as_of_(changed.count()) {}

  // The account's number, if something was put for it.
  [[nodiscard]] std::optional<std::uint32_t> find_account(const std::string& id) const {
    const auto found = accounts_.find(id);
    return found == accounts_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::uint32_t account(const std::string& id) {
    return accounts_.try_emplace(id, static_cast<std::uint32_t>(accounts_.size())).first->second;
  }

  // Before anything is looked for or put: has the texts that are no longer right dropped from both `halves`,
  // whose `table` is a TextTable.
  template <typename Half>
  void catch_up(Half& young, Half& old) {
    if (changed_.count() == as_of_) return;
    const store::ChangedBuilds::Since since = changed_.since(as_of_);
    as_of_ = since.count;
    for (Half* half : {&young, &old}) {
      if (!since.ids) {
        half->table = {};
        continue;
      }
      for (const Uuid& id : *since.ids) half->table.erase(id);
    }
  }
  // After catch_up(): whether what was read when store::ChangedBuilds::count() was this is right still.
  [[nodiscard]] bool is_right(std::uint64_t as_of) const { return as_of == as_of_; }

 private:
  const store::ChangedBuilds& changed_;
  std::uint64_t as_of_;
  std::unordered_map<std::string, std::uint32_t> accounts_;
};

}  // namespace kiln::read_cache
