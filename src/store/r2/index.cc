#include "store/r2/index.h"

#include <algorithm>

#include "base/hex.h"
#include "base/strings.h"
#include "store/r2/about.h"

namespace kiln::store::r2 {
namespace {

using sqlite::Connection;
using sqlite::Query;

// `key` is in the order of its bytes. Times: Unix ms. `room` counts what is there, in the transaction that
// changes it.
const sqlite::Migration kObjects = {"r2_objects", R"sql(
CREATE TABLE objects (
  key TEXT PRIMARY KEY, version TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, etag TEXT NOT NULL,
  uploaded INTEGER NOT NULL, about TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pieces (
  version TEXT NOT NULL, position INTEGER NOT NULL, blob TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE uploads (
  id TEXT PRIMARY KEY, key TEXT NOT NULL, about TEXT NOT NULL, begun_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_age ON uploads (begun_on);
CREATE TABLE parts (
  upload_id TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
  etag TEXT NOT NULL, md5 BLOB NOT NULL, PRIMARY KEY (upload_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE room (one INTEGER PRIMARY KEY CHECK (one = 1), objects INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO room VALUES (1, 0, 0);
CREATE TRIGGER objects_come AFTER INSERT ON objects BEGIN UPDATE room SET objects = objects + 1; END;
CREATE TRIGGER objects_go AFTER DELETE ON objects BEGIN UPDATE room SET objects = objects - 1; END;
CREATE TRIGGER pieces_come AFTER INSERT ON pieces BEGIN UPDATE room SET bytes = bytes + NEW.size; END;
CREATE TRIGGER pieces_go AFTER DELETE ON pieces BEGIN UPDATE room SET bytes = bytes - OLD.size; END;
CREATE TRIGGER parts_come AFTER INSERT ON parts BEGIN UPDATE room SET bytes = bytes + NEW.size; END;
CREATE TRIGGER parts_go AFTER DELETE ON parts BEGIN UPDATE room SET bytes = bytes - OLD.size; END;
)sql"};

constexpr int kSomeUploads = 100;
constexpr char kBehindKey = 'k';
constexpr char kBehindGroup = 'g';

Result<model::R2Object> object_of(const Query& row) {
  model::R2Object out{row.text(0), row.text(1), row.integer(2), row.text(3), row.integer(4)};
  if (const Status read = read_about(row.view(5), out.about, out.checksums); !read)
    return tl::unexpected<Error>(read.error());
  return out;
}

// Where a list goes on: at `from` or later, and behind `after`.
struct Place {
  std::string from;
  std::string after;
};

Result<Place> place_of(const R2Listing& listing) {
  Place out{listing.prefix, listing.after};
  if (listing.cursor.empty()) return out;
  const std::optional<std::string> read = from_base64(listing.cursor);
  if (!read || read->empty() || (read->front() != kBehindKey && read->front() != kBehindGroup))
    return fail(Errc::invalid, "The cursor is none that a list gave: begin without one.", "cursor");
  const std::string text = read->substr(1);
  if (read->front() == kBehindKey) {
    out.after = std::max(out.after, text);
  } else {
    out.from = std::max(out.from, prefix_end(text).value_or(text));
  }
  return out;
}

Query rows_from(Connection& db, const Place& place, const std::optional<std::string>& end) {
  Query rows = end ? db.query(
                         "SELECT key, version, size, etag, uploaded, about FROM objects WHERE key >= ? AND "
                         "key > ? AND key < ? ORDER BY key")
                   : db.query(
                         "SELECT key, version, size, etag, uploaded, about FROM objects WHERE key >= ? AND "
                         "key > ? ORDER BY key");
  rows.bind(place.from).bind(place.after);
  if (end) rows.bind(*end);
  return rows;
}

// What a key's group begins with; nothing where it is none's.
std::optional<std::string> group_of(std::string_view key, const R2Listing& listing) {
  if (listing.delimiter.empty()) return std::nullopt;
  const std::size_t found = key.find(listing.delimiter, listing.prefix.size());
  if (found == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, found + listing.delimiter.size()));
}

std::string cursor_behind(char kind, const std::string& text) {
  return to_base64(kind + text);
}

// Adds the entries from `place` on, up to the limit or to the first group, behind which it goes on. False: it
// is over.
Result<bool> list_some(Connection& db, const R2Listing& listing, const std::optional<std::string>& end,
                       Place& place, R2Page& into) {
  Query rows = rows_from(db, place, end);
  while (rows.step()) {
    if (static_cast<int>(into.entries.size()) >= listing.limit) {
      into.complete = false;
      return false;
    }
    if (std::optional<std::string> group = group_of(rows.view(0), listing)) {
      std::optional<std::string> next = prefix_end(*group);
      into.entries.push_back({*group, cursor_behind(kBehindGroup, *group)});
      if (!next) return false;
      place.from = *std::move(next);
      return true;
    }
    Result<model::R2Object> object = object_of(rows);
    if (!object) return tl::unexpected<Error>(object.error());
    std::string cursor = cursor_behind(kBehindKey, object->key);
    into.entries.push_back({*std::move(object), std::move(cursor)});
  }
  return false;
}

}  // namespace

const std::vector<sqlite::Migration>& index_steps() {
  static const std::vector<sqlite::Migration> all = {kObjects};
  return all;
}

Result<std::optional<model::R2Object>> find_object(Connection& db, const std::string& key) {
  Query row = db.query("SELECT key, version, size, etag, uploaded, about FROM objects WHERE key = ?");
  if (!row.bind(key).step()) return std::optional<model::R2Object>();
  Result<model::R2Object> object = object_of(row);
  if (!object) return tl::unexpected<Error>(object.error());
  return std::optional(*std::move(object));
}

std::vector<Blob> blobs_of(Connection& db, const std::string& version) {
  Query rows = db.query("SELECT blob, size FROM pieces WHERE version = ? ORDER BY position");
  rows.bind(version);
  std::vector<Blob> out;
  while (rows.step()) out.push_back({rows.text(0), rows.integer(1)});
  return out;
}

std::optional<Gone> take_out(Connection& db, const std::string& key) {
  Gone gone;
  {
    Query row = db.query("SELECT version FROM objects WHERE key = ?");
    if (!row.bind(key).step()) return std::nullopt;
    gone.version = row.text(0);
  }
  for (Blob& blob : blobs_of(db, gone.version)) gone.blobs.push_back(std::move(blob.name));
  db.query("DELETE FROM pieces WHERE version = ?").bind(gone.version).run();
  db.query("DELETE FROM objects WHERE key = ?").bind(key).run();
  return gone;
}

void put_in(Connection& db, const model::R2Object& object, const std::vector<Blob>& blobs) {
  db.query("INSERT INTO objects (key, version, size, etag, uploaded, about) VALUES (?, ?, ?, ?, ?, ?)")
      .bind(object.key)
      .bind(object.version)
      .bind(object.size)
      .bind(object.etag)
      .bind(object.uploaded)
      .bind(about_text(object.about, object.checksums))
      .run();
  int position = 0;
  for (const Blob& blob : blobs) {
    db.query("INSERT INTO pieces (version, position, blob, size) VALUES (?, ?, ?, ?)")
        .bind(object.version)
        .bind(position++)
        .bind(blob.name)
        .bind(blob.size)
        .run();
  }
}

Result<R2Page> list_objects(Connection& db, const R2Listing& listing) {
  Result<Place> place = place_of(listing);
  if (!place) return tl::unexpected<Error>(place.error());
  const std::optional<std::string> end = prefix_end(listing.prefix);
  R2Page out;
  while (true) {
    const Result<bool> more = list_some(db, listing, end, *place, out);
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return out;
  }
}

R2Size size_of(Connection& db) {
  Query row = db.query("SELECT objects, bytes FROM room");
  return row.step() ? R2Size{row.integer(0), row.integer(1)} : R2Size();
}

bool is_named(Connection& db, const std::string& blob) {
  Query row =
      db.query("SELECT 1 FROM pieces WHERE blob = ? UNION ALL SELECT 1 FROM parts WHERE blob = ? LIMIT 1");
  return row.bind(blob).bind(blob).step();
}

void add_upload(Connection& db, const R2Upload& upload, const model::R2About& about, TimeMs begun_on) {
  db.query("INSERT INTO uploads (id, key, about, begun_on) VALUES (?, ?, ?, ?)")
      .bind(upload.id)
      .bind(upload.key)
      .bind(about_text(about, {}))
      .bind(begun_on)
      .run();
}

Result<model::R2About> find_upload(Connection& db, const R2Upload& upload) {
  Query row = db.query("SELECT about FROM uploads WHERE id = ? AND key = ?");
  if (!row.bind(upload.id).bind(upload.key).step())
    return fail(Errc::not_found, "The specified multipart upload does not exist.", kNoR2Upload);
  model::R2About out;
  model::DigestSet none;
  if (const Status read = read_about(row.view(0), out, none); !read)
    return tl::unexpected<Error>(read.error());
  return out;
}

std::optional<std::string> set_part(Connection& db, const R2Upload& upload, const PartRow& part) {
  std::optional<std::string> before;
  {
    Query row = db.query("SELECT blob FROM parts WHERE upload_id = ? AND number = ?");
    if (row.bind(upload.id).bind(part.number).step()) before = row.text(0);
  }
  db.query("DELETE FROM parts WHERE upload_id = ? AND number = ?").bind(upload.id).bind(part.number).run();
  db.query("INSERT INTO parts (upload_id, number, blob, size, etag, md5) VALUES (?, ?, ?, ?, ?, ?)")
      .bind(upload.id)
      .bind(part.number)
      .bind(part.blob.name)
      .bind(part.blob.size)
      .bind(part.etag)
      .bind_blob(part.md5)
      .run();
  return before;
}

std::vector<PartRow> parts_of(Connection& db, const std::string& upload_id) {
  Query rows =
      db.query("SELECT number, blob, size, etag, md5 FROM parts WHERE upload_id = ? ORDER BY number");
  rows.bind(upload_id);
  std::vector<PartRow> out;
  while (rows.step())
    out.push_back(
        {static_cast<int>(rows.integer(0)), {rows.text(1), rows.integer(2)}, rows.text(3), rows.text(4)});
  return out;
}

void drop_upload(Connection& db, const std::string& upload_id) {
  db.query("DELETE FROM parts WHERE upload_id = ?").bind(upload_id).run();
  db.query("DELETE FROM uploads WHERE id = ?").bind(upload_id).run();
}

std::vector<std::string> uploads_before(Connection& db, TimeMs time) {
  Query rows = db.query("SELECT id FROM uploads WHERE begun_on < ? LIMIT ?");
  rows.bind(time).bind(kSomeUploads);
  std::vector<std::string> out;
  while (rows.step()) out.push_back(rows.text(0));
  return out;
}

}  // namespace kiln::store::r2
