// Which bindings of Workers Kiln has. Pure; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace kiln::model {

// Types as uploads name them; secrets besides.
inline constexpr std::array<std::string_view, 12> kSupportedBindings = {
    "plain_text", "json",         "assets", "version_metadata", "text_blob", "wasm_module", "data_blob",
    "service",    "kv_namespace", "d1",     "r2_bucket",        "queue"};

[[nodiscard]] inline bool is_supported_binding(std::string_view type) {
  return type == "secret_text" ||
         std::find(kSupportedBindings.begin(), kSupportedBindings.end(), type) != kSupportedBindings.end();
}

}  // namespace kiln::model
