#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The key of the installation, what running builds are made from, and what is attested of versions.
const Migration kMigrationAttestations = {"attestations", R"sql(
CREATE TABLE signing_keys (
  name TEXT PRIMARY KEY, public_key BLOB NOT NULL, private_sealed BLOB NOT NULL, made_on INTEGER NOT NULL
) STRICT;
CREATE TABLE build_materials (build_number INTEGER PRIMARY KEY, frame BLOB NOT NULL) STRICT;
CREATE TABLE attestations (
  version_id BLOB PRIMARY KEY REFERENCES versions(id), made_on INTEGER NOT NULL, frame BLOB NOT NULL
) STRICT;
)sql"};

}  // namespace kiln::store::sqlite
