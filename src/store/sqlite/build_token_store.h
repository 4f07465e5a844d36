// Build tokens over the database, sealed before they reach it. Owned by app; safe from any thread.
#pragma once

#include <string>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/build_token_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteBuildTokenStore final : public BuildTokenStore {
 public:
  // Everything passed by reference outlives the store.
  SqliteBuildTokenStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Status add_build_token(const model::BuildToken& token, const std::string& secret) override;
  [[nodiscard]] Result<Paged<model::BuildToken>> build_tokens(const std::string& account_id,
                                                              Page page) override;
  [[nodiscard]] Result<model::BuildToken> default_build_token(const model::BuildToken& fresh) override;
  [[nodiscard]] Status delete_build_token(const std::string& account_id, const Uuid& uuid,
                                          TimeMs now) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
