// The index of one bucket: which objects there are, which files hold their bytes, which uploads are under
// way. Every function works inside the caller's transaction and throws sqlite::SqlError. What a file holds,
// and whether it is there, is space.h's to know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/r2_objects.h"
#include "store/sqlite/database.h"
#include "store/sqlite/migrations.h"

namespace kiln::store::r2 {

[[nodiscard]] const std::vector<sqlite::Migration>& index_steps();

// A file with bytes of an object.
struct Blob {
  std::string name;
  std::int64_t size = 0;
};
// What went out of the index: its files may go when nobody reads that version any more.
struct Gone {
  std::string version;
  std::vector<std::string> blobs;
};

[[nodiscard]] Result<std::optional<model::R2Object>> find_object(sqlite::Connection& db,
                                                                 const std::string& key);
// In the order of its bytes.
[[nodiscard]] std::vector<Blob> blobs_of(sqlite::Connection& db, const std::string& version);
// Nothing where there is none.
[[nodiscard]] std::optional<Gone> take_out(sqlite::Connection& db, const std::string& key);
// There is none of that key.
void put_in(sqlite::Connection& db, const model::R2Object& object, const std::vector<Blob>& blobs);
[[nodiscard]] Result<R2Page> list_objects(sqlite::Connection& db, const R2Listing& listing);
[[nodiscard]] R2Size size_of(sqlite::Connection& db);
// Whether a row names that file.
[[nodiscard]] bool is_named(sqlite::Connection& db, const std::string& blob);

struct PartRow {
  int number = 0;
  Blob blob;
  std::string etag;
  std::string md5;
};
void add_upload(sqlite::Connection& db, const R2Upload& upload, const model::R2About& about, TimeMs begun_on);
// What is said of its object. Errors: Errc::not_found, field kNoR2Upload.
[[nodiscard]] Result<model::R2About> find_upload(sqlite::Connection& db, const R2Upload& upload);
// The file of the part of that number that was there.
[[nodiscard]] std::optional<std::string> set_part(sqlite::Connection& db, const R2Upload& upload,
                                                  const PartRow& part);
[[nodiscard]] std::vector<PartRow> parts_of(sqlite::Connection& db, const std::string& upload_id);
// With the rows of its parts.
void drop_upload(sqlite::Connection& db, const std::string& upload_id);
// Ids of some that have begun before then.
[[nodiscard]] std::vector<std::string> uploads_before(sqlite::Connection& db, TimeMs time);

}  // namespace kiln::store::r2
