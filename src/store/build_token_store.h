// Port: build tokens, with which an account's builds deploy. Owned by app; every method is one transaction
// and safe from any thread. A token of another account is Errc::not_found.
#pragma once

#include <string>

#include "base/result.h"
#include "model/trigger.h"
#include "store/page.h"

namespace kiln::store {

class BuildTokenStore {
 public:
  virtual ~BuildTokenStore() = default;

  [[nodiscard]] virtual Status add_build_token(const model::BuildToken& token, const std::string& secret) = 0;
  [[nodiscard]] virtual Result<Paged<model::BuildToken>> build_tokens(const std::string& account_id,
                                                                      Page page) = 0;
  // The account's default token; made from `fresh` when there is none.
  [[nodiscard]] virtual Result<model::BuildToken> default_build_token(const model::BuildToken& fresh) = 0;
  // Triggers keep pointing at it: their next build fails saying so.
  [[nodiscard]] virtual Status delete_build_token(const std::string& account_id, const Uuid& uuid,
                                                  TimeMs now) = 0;
};

}  // namespace kiln::store
