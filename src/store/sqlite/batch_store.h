// Batches for the Workers that consume queues, over the database. Owned by app; safe from any thread.
#pragma once

#include <cstdint>
#include <limits>

#include "base/entropy.h"
#include "store/batch_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteBatchStore final : public BatchStore {
 public:
  // `most_bytes`: how large a queue may be that takes dead letters.
  SqliteBatchStore(Database& database, Entropy& entropy,
                   std::int64_t most_bytes = std::numeric_limits<std::int64_t>::max())
      : database_(database), entropy_(entropy), most_bytes_(most_bytes) {}

  [[nodiscard]] Result<std::vector<ConsumedQueue>> consumed() override;
  [[nodiscard]] Result<std::optional<TimeMs>> next_batch(const std::string& account_id,
                                                         const std::string& queue_id) override;
  [[nodiscard]] Result<Taken> take(const std::string& account_id, const std::string& queue_id,
                                   TimeMs lease_ms) override;
  [[nodiscard]] Status put_back(const std::string& account_id, const std::string& queue_id,
                                const std::vector<std::string>& leases) override;
  [[nodiscard]] Status put_back_all() override;

 private:
  Database& database_;
  Entropy& entropy_;
  std::int64_t most_bytes_;
};

}  // namespace kiln::store::sqlite
