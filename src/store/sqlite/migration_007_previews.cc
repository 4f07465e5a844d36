#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// A named preview and its deployments, which are versions kept apart: their numbers run -1, -2, … and their
// preview_id is set. preview_id has no foreign key, because versions outlive the preview.
const Migration kMigrationPreviews = {"previews", R"sql(
CREATE TABLE previews (
  id BLOB PRIMARY KEY, worker_tag TEXT NOT NULL REFERENCES workers(tag), name TEXT NOT NULL, slug TEXT NOT NULL,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL, settings_json TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX previews_name ON previews (worker_tag, name);
CREATE UNIQUE INDEX previews_slug ON previews (worker_tag, slug);

ALTER TABLE versions ADD COLUMN preview_id BLOB;
CREATE INDEX versions_preview ON versions (preview_id, number) WHERE preview_id IS NOT NULL;

CREATE INDEX version_aliases_age ON version_aliases (worker_tag, modified_on);
)sql"};

}  // namespace kiln::store::sqlite
