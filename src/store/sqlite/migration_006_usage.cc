#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

const Migration kMigrationUsage = {"usage", R"sql(
ALTER TABLE builds ADD COLUMN memory_peak INTEGER;
ALTER TABLE builds ADD COLUMN cpu_ms INTEGER;
ALTER TABLE builds ADD COLUMN written INTEGER;
ALTER TABLE builds ADD COLUMN processes_peak INTEGER;
)sql"};

}  // namespace kiln::store::sqlite
