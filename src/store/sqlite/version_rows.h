// Rows of versions, with their modules, secrets and aliases. Every function runs inside the caller's
// transaction and throws SqlError.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/sqlite/database.h"
#include "store/version_store.h"

namespace kiln::store::sqlite {

// Ok when the build is this Worker's and an attempt of it is running now; else Errc::forbidden.
[[nodiscard]] Status check_lease(Connection& db, const Uuid& build, const std::string& worker_tag);

[[nodiscard]] std::optional<model::Version> read_version(Connection& db, const std::string& worker_tag,
                                                         const Uuid& id);
[[nodiscard]] std::optional<Uuid> latest_version_id(Connection& db, const std::string& worker_tag);
// The newest that is not previews_only.
[[nodiscard]] std::optional<Uuid> base_version_id(Connection& db, const std::string& worker_tag);
// What `version` may be made from: its preview's latest deployment, or its Worker's base version.
[[nodiscard]] std::optional<Uuid> base_of(Connection& db, const model::Version& version);
// The latest of what `version` is one of: its preview's deployments, or its Worker's versions.
[[nodiscard]] std::optional<Uuid> latest_like(Connection& db, const model::Version& version);
[[nodiscard]] Paged<model::Version> read_versions(Connection& db, const std::string& worker_tag, Page page);
// The latest version, when this build has uploaded the very same before and nothing came after.
[[nodiscard]] std::optional<Uuid> repeated_upload(Connection& db, const NewVersion& fresh);

[[nodiscard]] bool label_taken(Connection& db, const model::Version& version);
[[nodiscard]] int next_version_number(Connection& db, const model::Version& version);
// `fresh.version.number` is set by now.
void insert_version(Connection& db, const NewVersion& fresh, const SecretBox& box, Entropy& entropy);
// The map entry from the version to its build, and the build's preview addresses.
void note_build(Connection& db, const NewVersion& fresh);

[[nodiscard]] Result<std::map<std::string, std::string>> read_secrets(Connection& db, const Uuid& id,
                                                                      const SecretBox& box);

}  // namespace kiln::store::sqlite
