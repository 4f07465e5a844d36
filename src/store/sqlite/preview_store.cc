#include "store/sqlite/preview_store.h"

#include "store/sqlite/preview_rows.h"
#include "store/sqlite/version_rows.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {
namespace {

tl::unexpected<Error> no_preview(const std::string& name) {
  return fail(Errc::preview_not_found, "This Worker has no preview named '" + name + "'.");
}

bool slug_taken(Connection& db, const model::Preview& preview) {
  Query query = db.query("SELECT 1 FROM previews WHERE worker_tag = ? AND slug = ?");
  query.bind(preview.worker_tag).bind(preview.slug);
  return query.step();
}

}  // namespace

Result<std::optional<model::Version>> SqlitePreviewStore::latest_of_preview(const Uuid& preview) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Version>> {
    const std::optional<Uuid> id = latest_preview_version(db, preview);
    if (!id) return std::optional<model::Version>();
    std::string tag;
    {
      Query query = db.query("SELECT worker_tag FROM versions WHERE id = ?");
      query.bind(*id);
      if (query.step()) tag = query.text(0);
    }
    return read_version(db, tag, *id);
  });
}

Result<std::vector<model::Alias>> SqlitePreviewStore::aliases(const std::string& worker_tag) {
  return database_.read(
      [&](Connection& db) -> Result<std::vector<model::Alias>> { return read_aliases(db, worker_tag); });
}

Status SqlitePreviewStore::add_preview(const model::Preview& preview) {
  return database_.write([&](Connection& db) -> Status {
    if (!worker_lives(db, preview.worker_tag)) return no_worker();
    const std::optional<model::Preview> there = find_preview(db, preview.worker_tag, preview.name);
    if (there && there->name == preview.name) {
      return fail(Errc::conflict, "The Worker has a preview named '" + preview.name + "' already.", "name");
    }
    if (slug_taken(db, preview)) {
      return fail(Errc::conflict, "The Worker has a preview at '" + preview.slug + "' already.", "slug");
    }
    insert_preview(db, preview);
    return {};
  });
}

Result<model::Preview> SqlitePreviewStore::preview(const std::string& worker_tag,
                                                   const std::string& name_or_id) {
  return database_.read([&](Connection& db) -> Result<model::Preview> {
    std::optional<model::Preview> found = find_preview(db, worker_tag, name_or_id);
    if (!found) return no_preview(name_or_id);
    return *std::move(found);
  });
}

Result<Paged<model::Preview>> SqlitePreviewStore::previews(const std::string& worker_tag, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::Preview>> {
    Paged<model::Preview> found;
    {
      Query count = db.query("SELECT count(*) FROM previews WHERE worker_tag = ?");
      count.bind(worker_tag);
      if (count.step()) found.total = static_cast<std::size_t>(count.integer(0));
    }
    Query query = db.query(
        "SELECT name FROM previews WHERE worker_tag = ? ORDER BY created_on DESC, name LIMIT ? OFFSET ?");
    query.bind(worker_tag).bind(page.per_page).bind(std::int64_t{page.page - 1} * page.per_page);
    while (query.step()) {
      if (std::optional<model::Preview> one = find_preview(db, worker_tag, query.text(0))) {
        found.items.push_back(*std::move(one));
      }
    }
    return found;
  });
}

Status SqlitePreviewStore::update_preview(const model::Preview& preview) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE previews SET settings_json = ?, modified_on = ? WHERE id = ? AND worker_tag = ?")
        .bind(preview.settings_json)
        .bind(preview.modified_on)
        .bind(preview.id)
        .bind(preview.worker_tag)
        .run();
    if (db.changes() == 0) return no_preview(preview.name);
    return {};
  });
}

Status SqlitePreviewStore::delete_preview(const std::string& worker_tag, const Uuid& id) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<model::Preview> found = find_preview(db, worker_tag, id.str());
    if (!found || found->id != id) return no_preview(id.str());
    erase_preview(db, *found);
    return {};
  });
}

}  // namespace kiln::store::sqlite
