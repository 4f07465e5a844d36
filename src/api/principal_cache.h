// Who the tokens of the last half minute stand for, so that a client's every request does not cost a look
// into the database. API tokens only: a build's own token is good or not by the build's row. Owned by the
// gate; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "model/principal.h"

namespace kiln::api {

class PrincipalCache {
 public:
  // Nothing unless it was put at this generation of store::Changes::tokens, lately, and has not expired at
  // `now`.
  [[nodiscard]] std::shared_ptr<const model::Principal> find(const std::string& token_hash,
                                                             std::uint64_t generation, TimeMs now);
  void put(const std::string& token_hash, std::uint64_t generation, TimeMs now,
           std::shared_ptr<const model::Principal> principal);

 private:
  struct Entry {
    std::uint64_t generation = 0;
    TimeMs put_at = 0;
    std::shared_ptr<const model::Principal> principal;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace kiln::api
