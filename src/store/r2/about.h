// What is said of an object as the text that the index keeps: a JSON object. Pure; any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "model/r2.h"

namespace kiln::store::r2 {

[[nodiscard]] std::string about_text(const model::R2About& about, const model::DigestSet& checksums);
// Into the object. Errors: Errc::corrupt.
[[nodiscard]] Status read_about(std::string_view text, model::R2About& about, model::DigestSet& checksums);

}  // namespace kiln::store::r2
