#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// A chunk's lines as the frame that the runner made (model/log_text.h). Where it is null, lines_json has
// them.
const Migration kMigrationLogFrames = {"log frames", R"sql(
ALTER TABLE build_logs ADD COLUMN frame BLOB;
)sql"};

}  // namespace kiln::store::sqlite
