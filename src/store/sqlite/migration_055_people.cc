#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Sessions of people whom a provider of identities knows: whose, and the settings by which they were let in.
// Both are null of a token's and of a code's.
const Migration kMigrationPeople = {"people", R"sql(
ALTER TABLE sessions ADD COLUMN person TEXT;
ALTER TABLE sessions ADD COLUMN granted_by TEXT;
CREATE INDEX sessions_person ON sessions (person, number) WHERE person IS NOT NULL;
)sql"};

}  // namespace kiln::store::sqlite
