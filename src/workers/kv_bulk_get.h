// Many keys read at once, as workerd's binding and the API ask for them. Pure functions: any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/kv_values.h"

namespace kiln::workers {

// {keys, type: "text" or "json", withMetadata}.
struct KvBulkGet {
  std::vector<std::string> keys;
  bool as_json = false;
  bool with_metadata = false;
};
// Errors: Errc::invalid, Errc::too_large for a key that is too long.
[[nodiscard]] Result<KvBulkGet> read_kv_bulk_get(std::string_view body);

// {key: value or null}, or with metadata {key: {value, metadata}}. Errors: Errc::invalid where a value is
// asked for as JSON and is none; Errc::too_large when all together are more than one value may be.
[[nodiscard]] Result<boost::json::object> kv_bulk_answer(
    const KvBulkGet& asked, const std::vector<std::optional<store::KvEntry>>& found);

}  // namespace kiln::workers
