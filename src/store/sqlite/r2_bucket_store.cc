#include "store/sqlite/r2_bucket_store.h"

#include <fmt/format.h>

namespace kiln::store::sqlite {
namespace {

model::R2Bucket r2_bucket_of(const Query& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4)};
}

tl::unexpected<Error> no_r2_bucket(const std::string& name) {
  return fail(Errc::not_found,
              fmt::format("The specified bucket does not exist: the account has no bucket '{}'; `wrangler r2 "
                          "bucket list` shows those that it has.",
                          name),
              kNoR2Bucket);
}

}  // namespace

Status SqliteR2BucketStore::add(const model::R2Bucket& bucket) {
  return database_.write([&](Connection& db) -> Status {
    Query taken = db.query("SELECT 1 FROM r2_buckets WHERE account_id = ? AND name = ?");
    if (taken.bind(bucket.account_id).bind(bucket.name).step())
      return fail(
          Errc::conflict,
          fmt::format("The bucket you tried to create already exists, and you own it: '{}'.", bucket.name),
          "name");
    Query count = db.query("SELECT count(*) FROM r2_buckets WHERE account_id = ?");
    if (count.bind(bucket.account_id).step() && count.integer(0) >= model::kMostR2Buckets)
      return fail(Errc::conflict,
                  fmt::format("The account has {} R2 buckets, the most there may be; delete one first.",
                              model::kMostR2Buckets),
                  "account");
    db.query(
          "INSERT INTO r2_buckets (id, account_id, name, storage_class, created_on) VALUES (?, ?, ?, ?, ?)")
        .bind(bucket.id)
        .bind(bucket.account_id)
        .bind(bucket.name)
        .bind(bucket.storage_class)
        .bind(bucket.created_on)
        .run();
    return {};
  });
}

Result<std::vector<model::R2Bucket>> SqliteR2BucketStore::buckets(const std::string& account_id,
                                                                  const Listing& listing) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::R2Bucket>> {
    Query rows = db.query(
        "SELECT id, account_id, name, storage_class, created_on FROM r2_buckets WHERE account_id = ? AND "
        "name > ? AND instr(name, ?) > 0 ORDER BY name LIMIT ?");
    rows.bind(account_id).bind(listing.after).bind(listing.name_part).bind(listing.limit + 1);
    std::vector<model::R2Bucket> out;
    while (rows.step()) out.push_back(r2_bucket_of(rows));
    return out;
  });
}

Result<model::R2Bucket> SqliteR2BucketStore::find(const std::string& account_id, const std::string& name) {
  return database_.read([&](Connection& db) -> Result<model::R2Bucket> {
    Query row = db.query(
        "SELECT id, account_id, name, storage_class, created_on FROM r2_buckets WHERE account_id = ? AND "
        "name = ?");
    if (!row.bind(account_id).bind(name).step()) return no_r2_bucket(name);
    return r2_bucket_of(row);
  });
}

Status SqliteR2BucketStore::set_storage_class(const std::string& account_id, const std::string& name,
                                              const std::string& storage_class) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE r2_buckets SET storage_class = ? WHERE account_id = ? AND name = ?")
        .bind(storage_class)
        .bind(account_id)
        .bind(name)
        .run();
    return db.changes() == 0 ? Status(no_r2_bucket(name)) : Status();
  });
}

Status SqliteR2BucketStore::remove(const std::string& account_id, const std::string& name) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM r2_buckets WHERE account_id = ? AND name = ?").bind(account_id).bind(name).run();
    return db.changes() == 0 ? Status(no_r2_bucket(name)) : Status();
  });
}

Result<std::set<std::string>> SqliteR2BucketStore::all_ids() {
  return database_.read([&](Connection& db) -> Result<std::set<std::string>> {
    std::set<std::string> ids;
    Query rows = db.query("SELECT id FROM r2_buckets");
    while (rows.step()) ids.insert(rows.text(0));
    return ids;
  });
}

}  // namespace kiln::store::sqlite
