// Rows of attestations: the installation's key, what running builds are made from, and the statements that
// are signed as they stop. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// What opens and seals the installation's private key.
struct Sealing {
  const SecretBox& box;
  Entropy& entropy;
};

// 32 raw bytes; nothing when no key was needed yet.
[[nodiscard]] std::optional<std::string> find_public_key(Connection& db);
[[nodiscard]] std::string make_signing_key(Connection& db, const Sealing& sealing, TimeMs now);

// `frame`: materials_to_json(), compressed, which takes its time and so is done before the transaction.
void keep_build_materials(Connection& db, std::int64_t build_number, const std::string& frame);

// Of a build that has just stopped: its materials go, and of every version that it uploaded here a statement
// is signed and kept. Of a key that cannot be opened, or rows that are damaged, the service log tells, and
// nothing is attested: the build stops all the same.
void attest_build(Connection& db, std::int64_t build_number, const Sealing& sealing, TimeMs now);

// The envelope; empty when there is none.
[[nodiscard]] std::string expand_envelope(std::string_view frame);

}  // namespace kiln::store::sqlite
