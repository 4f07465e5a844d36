// The account's default build token, made when there is none yet. Any thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/result.h"
#include "store/build_token_store.h"

namespace kiln::store {

[[nodiscard]] Result<model::BuildToken> default_token(BuildTokenStore& tokens, Entropy& entropy,
                                                      const Clock& clock, const std::string& account_id);

}  // namespace kiln::store
