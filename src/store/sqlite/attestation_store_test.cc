#include "store/sqlite/attestation_store.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/ed25519.h"
#include "provenance/envelope.h"
#include "provenance/reading.h"
#include "store/sqlite/database.h"
#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

const std::string kBlob(64, 'a');

class Attestations : public ::testing::Test {
 protected:
  Attestations() : trigger_(store_.add_trigger()), build_(store_.add_build(trigger_, "main").uuid) {
    claimed_ = store_.claim_next(claim_);
  }

  Uuid upload(const std::string& module = "index.js") {
    NewVersion fresh;
    fresh.version.id = store_.entropy.uuid();
    fresh.version.worker_tag = trigger_.worker_tag;
    fresh.version.created_on = store_.clock.now();
    fresh.version.main_module = module;
    fresh.version.modules = {{module, "application/javascript+module", kBlob, 3}};
    fresh.version.build_uuid = build_;
    const auto added = store_.versions.add_version(fresh);
    EXPECT_TRUE(added) << added.error().message;
    return fresh.version.id;
  }
  Attestation of(const Uuid& version) {
    return attestations_.attestation(trigger_.account_id, version).value();
  }
  provenance::Attested read(const Uuid& version) {
    const std::string key = attestations_.public_key().value();
    const auto statement = provenance::open_envelope(of(version).envelope, key);
    EXPECT_TRUE(statement) << static_cast<int>(statement.error());
    return provenance::read_statement(statement.value_or("")).value();
  }
  std::int64_t count(const char* sql) {
    return store_.database
        ->read([&](Connection& db) -> Result<std::int64_t> {
          Query row = db.query(sql);
          return row.step() ? row.integer(0) : -1;
        })
        .value();
  }

  testing::TestStore store_;
  SqliteAttestationStore attestations_{*store_.database, store_.box, store_.entropy};
  model::Trigger trigger_;
  Uuid build_;
  ClaimRequest claim_ = store_.make_claim();
  Claimed claimed_;
};

TEST_F(Attestations, AreMadeAsTheBuildStopsOfEveryVersionThatItUploaded) {
  const Uuid first = upload("first.js");
  const Uuid second = upload("second.js");
  EXPECT_TRUE(of(first).envelope.empty());
  EXPECT_FALSE(of(first).build_is_over);
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  EXPECT_TRUE(of(first).build_is_over);
  EXPECT_EQ(of(first).build, build_);
  const provenance::Attested read_first = read(first);
  EXPECT_EQ(read_first.version, first.str());
  EXPECT_EQ(read_first.build, build_.str());
  EXPECT_EQ(read_first.outcome, "success");
  EXPECT_EQ(read_first.subjects.at(1), (provenance::Subject{"modules/first.js", kBlob}));
  EXPECT_EQ(read(second).subjects.at(1).name, "modules/second.js");
}

TEST_F(Attestations, AreMadeOnceHoweverOftenTheEndIsTold) {
  const Uuid version = upload();
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  const std::string envelope = of(version).envelope;
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  EXPECT_EQ(of(version).envelope, envelope);
  EXPECT_EQ(count("SELECT count(*) FROM attestations"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM signing_keys"), 1);
}

TEST_F(Attestations, AreMadeHoweverTheBuildStops) {
  const Uuid version = upload();
  ASSERT_TRUE(store_.queue.cancel(trigger_.account_id, build_, "Cancelled."));
  EXPECT_EQ(read(version).outcome, "cancelled");
}

TEST_F(Attestations, OfALostRunnersBuildToo) {
  const Uuid version = upload();
  const auto recovered = store_.queue.recover(claim_.runner_id, 3);
  ASSERT_EQ(recovered->terminated.size(), 1U);
  EXPECT_EQ(read(version).outcome, "terminated");
}

TEST_F(Attestations, TellOfTheMaterialsThatTheRunnerToldLast) {
  const Uuid version = upload();
  model::Materials materials{.repository = "https://git.example/acme/shop.git",
                             .commit = std::string(40, 'c'),
                             .lock_file = "old.json",
                             .lock_sha256 = kBlob,
                             .packages = {},
                             .packages_named = 0};
  ASSERT_TRUE(attestations_.keep_materials(build_, claim_.lease_id, materials));
  materials.lock_file = "package-lock.json";
  materials.packages = {{"a", "1.0.0", ""}};
  ASSERT_TRUE(attestations_.keep_materials(build_, claim_.lease_id, materials));
  EXPECT_EQ(attestations_.keep_materials(build_, store_.entropy.uuid(), materials).error().code,
            Errc::lease_lost);
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  EXPECT_EQ(read(version).lock_file, "package-lock.json");
  EXPECT_EQ(read(version).packages, 1U);
  EXPECT_EQ(count("SELECT count(*) FROM build_materials"), 0);
  EXPECT_FALSE(attestations_.keep_materials(build_, claim_.lease_id, materials)) << "the build is over";
}

TEST_F(Attestations, NameTheRepositoryThatWasBuiltWhateverTheTriggerSaysByNow) {
  const Uuid version = upload();
  model::Materials materials;
  materials.repository = "https://git.example/acme/built.git";
  materials.commit = std::string(40, 'c');
  ASSERT_TRUE(attestations_.keep_materials(build_, claim_.lease_id, materials));
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  EXPECT_EQ(read(version).repository, "git+https://git.example/acme/built.git");
  EXPECT_EQ(read(version).commit, materials.commit);
}

TEST_F(Attestations, AreOfNoVersionThatWasUploadedByHand) {
  NewVersion fresh;
  fresh.version.id = store_.entropy.uuid();
  fresh.version.worker_tag = trigger_.worker_tag;
  ASSERT_TRUE(store_.versions.add_version(fresh));
  EXPECT_FALSE(of(fresh.version.id).build);
  EXPECT_TRUE(of(fresh.version.id).envelope.empty());
  EXPECT_EQ(attestations_.attestation(trigger_.account_id, store_.entropy.uuid()).error().code,
            Errc::version_not_found);
  EXPECT_EQ(attestations_.attestation(std::string(32, 'f'), fresh.version.id).error().code,
            Errc::version_not_found);
}

TEST_F(Attestations, AKeyThatIsDamagedStopsNoBuild) {
  const std::string key = attestations_.public_key().value();
  EXPECT_EQ(attestations_.public_key().value(), key);
  ASSERT_TRUE(store_.database->write([](Connection& db) -> Status {
    db.query("UPDATE signing_keys SET private_sealed = x'00'").run();
    return {};
  }));
  const Uuid version = upload();
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  EXPECT_TRUE(of(version).envelope.empty());
  EXPECT_TRUE(of(version).build_is_over);
}

TEST_F(Attestations, WhatIsDamagedStopsNoBuild) {
  const Uuid version = upload();
  ASSERT_TRUE(attestations_.keep_materials(build_, claim_.lease_id, {}));
  ASSERT_TRUE(store_.database->write([](Connection& db) -> Status {
    db.query("UPDATE build_materials SET frame = x'00'").run();
    return {};
  }));
  ASSERT_TRUE(store_.queue.recover(claim_.runner_id, 3)) << "of a runner that is gone";
  EXPECT_TRUE(of(version).envelope.empty());
  EXPECT_TRUE(of(version).build_is_over);
}

TEST_F(Attestations, AreMadeByNoKeyWhosePublicHalfIsAnothers) {
  ASSERT_TRUE(attestations_.public_key());
  ASSERT_TRUE(store_.database->write([](Connection& db) -> Status {
    db.query("UPDATE signing_keys SET public_key = zeroblob(32)").run();
    return {};
  }));
  const Uuid version = upload();
  ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success));
  EXPECT_TRUE(of(version).envelope.empty());
}

}  // namespace
}  // namespace kiln::store::sqlite
