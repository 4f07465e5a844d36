#include "store/sqlite/attestation_rows.h"

#include <map>
#include <utility>
#include <vector>

#include "base/ed25519.h"
#include "base/log.h"
#include "base/version.h"
#include "base/zstd.h"
#include "provenance/envelope.h"
#include "provenance/statement.h"
#include "store/sqlite/asset_rows.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/material_json.h"
#include "store/sqlite/story_rows.h"
#include "store/sqlite/version_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr const char* kAttestationKey = "attestations";
constexpr std::size_t kLargestMaterials = 64U << 20U;

// Read and gone; empty: the runner told nothing.
std::string take_frame(Connection& db, std::int64_t build_number) {
  std::string frame;
  {
    Query row = db.query("SELECT frame FROM build_materials WHERE build_number = ?");
    if (!row.bind(build_number).step()) return {};
    frame = row.text(0);
  }
  db.query("DELETE FROM build_materials WHERE build_number = ?").bind(build_number).run();
  return frame;
}

model::Materials materials_in(const std::string& frame) {
  if (frame.empty()) return {};
  const Result<std::string> text = zstd_expand(frame, kLargestMaterials);
  if (!text) throw SqlError(SQLITE_CORRUPT, "what a build is made from is damaged");
  return materials_from_json(*text);
}

struct Uploaded {
  Uuid version;
  std::string worker_tag;
  std::string worker_name;
  std::string account_id;
  bool for_previews = false;
};

// What lives at an outside target has no rows here.
std::vector<Uploaded> uploaded_by(Connection& db, std::int64_t build_number) {
  std::vector<Uploaded> out;
  Query rows = db.query(
      "SELECT v.id, w.tag, w.name, w.account_id, v.previews_only <> 0 OR v.preview_id IS NOT NULL "
      "FROM version_builds b CROSS JOIN versions v ON v.id = b.version_id JOIN workers w ON w.tag = "
      "v.worker_tag WHERE b.build_number = ?");
  rows.bind(build_number);
  while (rows.step())
    out.push_back({rows.uuid(0), rows.text(1), rows.text(2), rows.text(3), rows.integer(4) != 0});
  return out;
}

std::vector<provenance::Subject> subjects_of_upload(Connection& db, const Uploaded& upload) {
  const std::optional<model::Version> version = read_version(db, upload.worker_tag, upload.version);
  if (!version) throw SqlError(SQLITE_CORRUPT, "a version that a build uploaded is missing");
  std::vector<std::string> hashes;
  hashes.reserve(version->assets.size());
  for (const model::AssetFile& file : version->assets) hashes.push_back(file.hash);
  std::map<std::string, std::string> assets;
  for (AssetBlob& asset : read_known(db, upload.account_id, upload.worker_name, hashes, upload.for_previews))
    assets[std::move(asset.hash)] = std::move(asset.blob);
  return provenance::subjects_of(*version, assets, [](const std::string& blob) { return blob; });
}

int attempts_of(Connection& db, std::int64_t build_number) {
  Query row = db.query("SELECT attempt FROM builds WHERE number = ?");
  return row.bind(build_number).step() ? static_cast<int>(row.integer(0)) : 1;
}

std::string sealed_signing_key(Connection& db) {
  Query row = db.query("SELECT private_sealed FROM signing_keys WHERE name = ?");
  return row.bind(kAttestationKey).step() ? row.text(0) : std::string();
}

Result<Ed25519Key> open_signing_key(Connection& db, const Sealing& sealing, TimeMs now) {
  if (!find_public_key(db)) (void)make_signing_key(db, sealing, now);
  const Result<std::string> seed = sealing.box.unseal(sealed_signing_key(db));
  if (!seed) return tl::unexpected<Error>(seed.error());
  Result<Ed25519Key> key = Ed25519Key::of_seed(*seed);
  if (key && key->public_key() != find_public_key(db).value_or(""))
    return fail(Errc::corrupt, "its two halves do not belong together");
  return key;
}

using Envelopes = std::vector<std::pair<Uuid, std::string>>;  // by version

// Errors: those of the key.
Result<Envelopes> envelopes_of(Connection& db, std::int64_t build_number, const std::string& frame,
                               const Sealing& sealing, TimeMs now) {
  Envelopes out;
  const std::vector<Uploaded> uploads = uploaded_by(db, build_number);
  if (uploads.empty()) return out;
  const Result<Ed25519Key> key = open_signing_key(db, sealing, now);
  if (!key) return tl::unexpected<Error>(key.error());
  const model::Materials materials = materials_in(frame);
  const BuildView view = load_view(db, build_number);
  const std::vector<model::ToolUsed> tools = load_tools(db, build_number);
  const int attempts = attempts_of(db, build_number);
  const provenance::Builder builder{provenance::key_id(key->public_key()), kVersion};
  for (const Uploaded& upload : uploads) {
    const provenance::BuildFacts facts{view.build, view.trigger, upload.worker_name,
                                       attempts,   tools,        materials};
    const std::string statement = provenance::statement_text(facts, builder, subjects_of_upload(db, upload));
    out.emplace_back(upload.version, provenance::sign_statement(statement, *key));
  }
  return out;
}

}  // namespace

std::optional<std::string> find_public_key(Connection& db) {
  Query row = db.query("SELECT public_key FROM signing_keys WHERE name = ?");
  if (!row.bind(kAttestationKey).step()) return std::nullopt;
  if (row.view(0).size() != kEd25519Key) throw SqlError(SQLITE_CORRUPT, "a stored public key is damaged");
  return row.text(0);
}

std::string make_signing_key(Connection& db, const Sealing& sealing, TimeMs now) {
  const std::string seed = sealing.entropy.bytes(kEd25519Seed);
  const Result<Ed25519Key> key = Ed25519Key::of_seed(seed);
  if (!key) throw SqlError(SQLITE_ERROR, "no key could be made");
  db.query("INSERT INTO signing_keys (name, public_key, private_sealed, made_on) VALUES (?, ?, ?, ?)")
      .bind(kAttestationKey)
      .bind_blob(key->public_key())
      .bind_blob(sealing.box.seal(seed, sealing.entropy))
      .bind(now)
      .run();
  return key->public_key();
}

void keep_build_materials(Connection& db, std::int64_t build_number, const std::string& frame) {
  db.query(
        "INSERT INTO build_materials (build_number, frame) VALUES (?, ?) ON CONFLICT (build_number) DO "
        "UPDATE "
        "SET frame = excluded.frame")
      .bind(build_number)
      .bind_blob(frame)
      .run();
}

void attest_build(Connection& db, std::int64_t build_number, const Sealing& sealing, TimeMs now) {
  const std::string frame = take_frame(db, build_number);
  Result<Envelopes> made = Envelopes();
  try {
    made = envelopes_of(db, build_number, frame, sealing, now);
  } catch (const SqlError& trouble) {
    constexpr int kPrimary = 0xff;  // of SQLite's extended codes
    if ((trouble.code() & kPrimary) != SQLITE_CORRUPT) throw;
    made = fail(Errc::corrupt, trouble.what());
  }
  if (!made) {
    log::error("a build's versions are not attested: {}", made.error().message);
    return;
  }
  ZstdCompressor compressor;
  for (const auto& [version, envelope] : *made) {
    db.query("INSERT INTO attestations (version_id, made_on, frame) VALUES (?, ?, ?)")
        .bind(version)
        .bind(now)
        .bind_blob(compressor.compress(envelope))
        .run();
  }
}

std::string expand_envelope(std::string_view frame) {
  if (frame.empty()) return {};
  Result<std::string> envelope = zstd_expand(frame, provenance::kLargestEnvelope);
  if (!envelope) throw SqlError(SQLITE_CORRUPT, "a stored attestation is damaged");
  return *std::move(envelope);
}

}  // namespace kiln::store::sqlite
