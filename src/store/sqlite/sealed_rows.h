// Whether a key is the one under which a file's secrets were sealed. Any thread.
#pragma once

#include "base/secret_box.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Tries the key on some sealed rows of every kind. Errors: Errc::corrupt when there are such rows and it
// opens none of them.
[[nodiscard]] Status check_key(Database& database, const SecretBox& box);

}  // namespace kiln::store::sqlite
