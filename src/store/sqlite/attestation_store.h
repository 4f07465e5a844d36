// Attestations over the database. Owned by app; safe from any thread.
#pragma once

#include <string>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/attestation_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteAttestationStore final : public AttestationStore {
 public:
  SqliteAttestationStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Status keep_materials(const Uuid& build, const Uuid& lease,
                                      const model::Materials& materials) override;
  [[nodiscard]] Result<Attestation> attestation(const std::string& account_id, const Uuid& version) override;
  [[nodiscard]] Result<std::string> public_key() override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
