// The JSON that keeps what a running build is made from. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "model/materials.h"

namespace kiln::store::sqlite {

[[nodiscard]] std::string materials_to_json(const model::Materials& materials);
// Throws SqlError(SQLITE_CORRUPT) on anything else.
[[nodiscard]] model::Materials materials_from_json(std::string_view text);

}  // namespace kiln::store::sqlite
