// Port: the named previews of Workers, and the aliases that lead to versions (version_store.h add_version
// points them). Owned by app; every method is one durable transaction and safe from any thread. A Worker that
// is missing is Errc::worker_not_found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/worker.h"
#include "store/page.h"

namespace kiln::store {

class PreviewStore {
 public:
  virtual ~PreviewStore() = default;

  // Last uploaded first.
  [[nodiscard]] virtual Result<std::vector<model::Alias>> aliases(const std::string& worker_tag) = 0;
  // Errors: Errc::conflict, field "name" or "slug", when the Worker has one of that name or slug.
  [[nodiscard]] virtual Status add_preview(const model::Preview& preview) = 0;
  // By its name or, failing that, the text of its id. Errors: Errc::preview_not_found.
  [[nodiscard]] virtual Result<model::Preview> preview(const std::string& worker_tag,
                                                       const std::string& name_or_id) = 0;
  // Newest first.
  [[nodiscard]] virtual Result<Paged<model::Preview>> previews(const std::string& worker_tag, Page page) = 0;
  // Stores settings_json and modified_on. Errors: Errc::preview_not_found.
  [[nodiscard]] virtual Status update_preview(const model::Preview& preview) = 0;
  // With the alias of its slug and the secrets of its deployments. Errors: Errc::preview_not_found.
  [[nodiscard]] virtual Status delete_preview(const std::string& worker_tag, const Uuid& id) = 0;

  // Of one named preview: the newest of its deployments.
  [[nodiscard]] virtual Result<std::optional<model::Version>> latest_of_preview(const Uuid& preview) = 0;
};

}  // namespace kiln::store
