#include "store/sqlite/attestation_store.h"

#include "base/zstd.h"
#include "store/sqlite/attestation_rows.h"
#include "store/sqlite/lease_rows.h"
#include "store/sqlite/material_json.h"

namespace kiln::store::sqlite {

Status SqliteAttestationStore::keep_materials(const Uuid& build, const Uuid& lease,
                                              const model::Materials& materials) {
  const std::string frame = ZstdCompressor().compress(materials_to_json(materials));
  return database_.write([&](Connection& db) -> Status {
    const Holding holding = holding_of(db, build, lease);
    if (!holding.live) return lease_lost(build);
    keep_build_materials(db, holding.number, frame);
    return {};
  });
}

Result<Attestation> SqliteAttestationStore::attestation(const std::string& account_id, const Uuid& version) {
  return database_.read([&](Connection& db) -> Result<Attestation> {
    Query row = db.query(
        "SELECT w.name, v.build_uuid, coalesce(b.status = 'stopped', 1), a.frame FROM versions v "
        "JOIN workers w ON w.tag = v.worker_tag LEFT JOIN builds b ON b.uuid = v.build_uuid "
        "LEFT JOIN attestations a ON a.version_id = v.id WHERE v.id = ? AND w.account_id = ?");
    if (!row.bind(version).bind(account_id).step())
      return fail(Errc::version_not_found, "There is no version " + version.str() + ".");
    return Attestation{version, row.text(0), row.maybe_uuid(1), row.integer(2) != 0,
                       expand_envelope(row.view(3))};
  });
}

Result<std::string> SqliteAttestationStore::public_key() {
  const auto found = database_.read(
      [](Connection& db) -> Result<std::optional<std::string>> { return find_public_key(db); });
  if (!found) return tl::unexpected<Error>(found.error());
  if (*found) return **found;
  return database_.write([&](Connection& db) -> Result<std::string> {
    if (const auto made = find_public_key(db)) return *made;
    return make_signing_key(db, {box_, entropy_}, database_.now());
  });
}

}  // namespace kiln::store::sqlite
