// Named previews and aliases over the database. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/preview_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqlitePreviewStore final : public PreviewStore {
 public:
  explicit SqlitePreviewStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<model::Alias>> aliases(const std::string& worker_tag) override;
  [[nodiscard]] Status add_preview(const model::Preview& preview) override;
  [[nodiscard]] Result<model::Preview> preview(const std::string& worker_tag,
                                               const std::string& name_or_id) override;
  [[nodiscard]] Result<Paged<model::Preview>> previews(const std::string& worker_tag, Page page) override;
  [[nodiscard]] Status update_preview(const model::Preview& preview) override;
  [[nodiscard]] Status delete_preview(const std::string& worker_tag, const Uuid& id) override;
  [[nodiscard]] Result<std::optional<model::Version>> latest_of_preview(const Uuid& preview) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
