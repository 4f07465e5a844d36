// Port: the signed statements of how versions were made (provenance/statement.h). A statement is made and
// signed in the transaction that stops its build, of every version that the build uploaded here; it lives as
// long as the version. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "model/materials.h"

namespace kiln::store {

struct Attestation {
  Uuid version;
  std::string worker_name;
  std::optional<Uuid> build;  // that uploaded the version
  bool build_is_over = false;
  std::string envelope;  // DSSE, as JSON; empty: there is none
};

class AttestationStore {
 public:
  virtual ~AttestationStore() = default;

  // What the build is made from, until it stops. Told again it is replaced. Errors: Errc::lease_lost.
  [[nodiscard]] virtual Status keep_materials(const Uuid& build, const Uuid& lease,
                                              const model::Materials& materials) = 0;
  // Errors: Errc::version_not_found when the account has no such version.
  [[nodiscard]] virtual Result<Attestation> attestation(const std::string& account_id,
                                                        const Uuid& version) = 0;
  // Of the installation's key, which is made when it is first needed: 32 raw bytes.
  [[nodiscard]] virtual Result<std::string> public_key() = 0;
};

}  // namespace kiln::store
