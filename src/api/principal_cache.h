// Who the secrets of the last half minute stand for, so that a client's every request does not cost a look
// into the database: API tokens in the gate's, cookies of the page in that of api/sessions. A build's own
// token is in none: it is good or not by the build's row. Any thread.
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
  [[nodiscard]] std::shared_ptr<const model::Principal> find(const std::string& hash,
                                                             std::uint64_t generation, TimeMs now);
  void put(const std::string& hash, std::uint64_t generation, TimeMs now,
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
