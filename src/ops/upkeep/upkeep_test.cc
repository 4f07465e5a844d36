// Backups made and put back, checks and prunes, over a real store and real files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/fs.h"
#include "base/hash.h"
#include "ops/upkeep/backup.h"
#include "ops/upkeep/check.h"
#include "ops/upkeep/prune.h"
#include "ops/upkeep/restore.h"
#include "store/kv/files.h"
#include "store/r2/files.h"
#include "store/sqlite/upkeep/snapshot_store.h"
#include "testing/memory_store.h"

namespace kiln::ops {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr TimeMs kDay = TimeMs{24} * 3'600'000;

struct UpkeepGround {
  testing::TestStore t;
  workers::BlobStore blobs{t.folder.path() / "blobs"};
  BlobHold hold;
  SystemClock clock;
  fs::path key = t.folder.path() / "secrets.key";
  static fs::path made(fs::path folder) {
    EXPECT_TRUE(make_directory(folder, 0700));
    return folder;
  }
  store::r2::Files r2{made(t.folder.path() / "r2"), clock, t.entropy, {}};
  BackupPorts backup{t.snapshots,
                     blobs,
                     hold,
                     clock,
                     t.folder.path(),
                     key,
                     t.folder.path() / "kv",
                     t.folder.path() / "d1",
                     r2,
                     t.folder.path() / "r2"};
  CheckPorts check{t.checks,
                   blobs,
                   hold,
                   clock,
                   made(t.folder.path() / "kv"),
                   made(t.folder.path() / "d1"),
                   r2,
                   t.folder.path() / "r2"};
  PrunePorts prune{t.retained, t.checks, blobs, hold, clock};

  UpkeepGround() { EXPECT_TRUE(write_file_durably(key, std::string(32, 'k'), 0600)); }

  // An upload, and a version of a Worker that names it.
  std::string upload(const std::string& bytes, const std::string& worker = "hello") {
    const model::Account account = t.add_account("a" + worker);
    model::Version version;
    version.id = t.entropy.uuid();
    version.worker_tag = t.add_worker(account.id, worker).tag;
    version.created_on = t.clock.now();
    version.main_module = "index.js";
    version.modules = {{"index.js", "application/javascript+module", *blobs.put(bytes), bytes.size()}};
    store::NewVersion fresh;
    fresh.version = version;
    EXPECT_TRUE(t.versions.add_version(fresh));
    return version.modules[0].blob;
  }

  // Everything that the work says.
  std::string take(const std::function<Status(Pieces&)>& work) {
    auto pieces = std::make_shared<Pieces>([] {});
    Status done;
    std::thread thread([&] {
      done = work(*pieces);
      pieces->end();
    });
    std::string all;
    while (true) {
      const Pieces::Taken taken = pieces->take();
      all += taken.bytes;
      if (taken.end) break;
      if (taken.bytes.empty()) std::this_thread::yield();
    }
    thread.join();
    EXPECT_TRUE(done) << done.error().message;
    return all;
  }

  fs::path made_backup(bool with_key = true) {
    const fs::path file = t.folder.path() / "backup-file";
    EXPECT_TRUE(write_file_durably(
        file, take([&](Pieces& out) { return make_backup(backup, with_key, out); }), 0600));
    return file;
  }
  static Result<store::Settled> settle(const fs::path& file, const fs::path& key, const std::string& reason) {
    using store::sqlite::Database;
    static const SystemClock real;
    const auto database = Database::open(file, real, Database::May::open, store::sqlite::main_schema(),
                                         Database::Before::nothing);
    if (!database) return tl::unexpected<Error>(database.error());
    const Result<SecretBox> box = SecretBox::open(key);
    if (!box) return tl::unexpected<Error>(box.error());
    SystemEntropy entropy;
    return store::sqlite::SqliteSnapshotStore(**database, *box, entropy).settle_restored(reason);
  }
  fs::path empty_folder() {
    const fs::path folder = t.folder.path() / "restored";
    EXPECT_TRUE(make_directory(folder, 0700));
    return folder;
  }
  void make_old(const std::string& hash) const {
    const timespec then[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    EXPECT_EQ(utimensat(AT_FDCWD, blobs.path_of(hash).c_str(), then, 0), 0);
  }
};

std::string bytes_of(const fs::path& file) {
  return read_file(file, 1U << 30U).value_or("there is none");
}

TEST(Upkeep, PutsBackWhatItHasBackedUp) {
  UpkeepGround ground;
  const std::string blob = ground.upload("a module");
  const model::Trigger trigger = ground.t.add_trigger();
  ground.t.add_build(trigger);
  const std::string space = std::string(32, 'a') + ".db";
  ASSERT_TRUE(make_directory(ground.t.folder.path() / "kv", 0700));
  ASSERT_TRUE(ground.t.snapshots.write_snapshot(ground.t.folder.path() / "kv" / space, [] { return true; }));
  ASSERT_TRUE(write_file_durably(ground.t.folder.path() / "kv" / "else.txt", "x", 0600));
  const fs::path database = fs::path("d1") / "11111111-1111-4111-8111-111111111111" / "files" / "d1" /
                            (std::string(64, 'b') + ".sqlite");
  ASSERT_TRUE(make_directory((ground.t.folder.path() / database).parent_path(), 0700));
  ASSERT_TRUE(ground.t.snapshots.write_snapshot(ground.t.folder.path() / database, [] { return true; }));
  const fs::path file = ground.made_backup();
  const fs::path folder = ground.empty_folder();
  const auto restored = restore_backup({file, folder, std::nullopt}, UpkeepGround::settle);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->settled.builds_closed, 1);
  EXPECT_EQ(restored->contents.blobs, 1U);
  EXPECT_EQ(UpkeepGround::settle(folder / database, folder / "secrets.key", "what it held")->builds_closed,
            1);
  EXPECT_EQ(restored->blobs_missing, 0U);
  EXPECT_EQ(bytes_of(folder / "secrets.key"), std::string(32, 'k'));
  EXPECT_EQ(bytes_of(folder / "blobs" / blob.substr(0, 2) / blob), "a module");
  EXPECT_EQ(
      UpkeepGround::settle(folder / "kv" / space, folder / "secrets.key", "what it held")->builds_closed, 1);
  EXPECT_FALSE(fs::exists(folder / "kv" / "else.txt"));
  EXPECT_FALSE(fs::exists(folder / kRestoring));
  EXPECT_FALSE(fs::exists(folder / "kiln.db-wal"));
  struct stat info {};
  ASSERT_EQ(stat((folder / "kiln.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_EQ(UpkeepGround::settle(folder / "kiln.db", folder / "secrets.key", "again")->builds_closed, 0);
}

TEST(Upkeep, TellsOfUploadsThatWereLostAlreadyAndBacksUpTheRest) {
  UpkeepGround ground;
  const std::string damaged = ground.upload("one", "one");
  const std::string missing = ground.upload("two", "two");
  ground.upload("three", "three");
  ASSERT_TRUE(write_file_durably(ground.blobs.path_of(damaged), "xxx", 0600));
  fs::remove(ground.blobs.path_of(missing));
  const fs::path file = ground.made_backup();
  const auto restored = restore_backup({file, ground.empty_folder(), std::nullopt}, UpkeepGround::settle);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->contents.blobs, 1U);
  EXPECT_EQ(restored->blobs_missing, 2U);
  EXPECT_THAT(restored->contents.missing, ::testing::UnorderedElementsAre(HasSubstr(damaged + "  is damaged"),
                                                                          HasSubstr(missing + "  is not")));
}

TEST(Upkeep, LeavesNothingOfARestoreThatIsRefused) {
  UpkeepGround ground;
  ground.upload("a module");
  const fs::path file = ground.made_backup(false);
  const fs::path folder = ground.empty_folder();
  const auto no_key = restore_backup({file, folder, std::nullopt}, UpkeepGround::settle);
  ASSERT_FALSE(no_key);
  EXPECT_EQ(no_key.error().code, Errc::not_found);
  EXPECT_TRUE(fs::is_empty(folder));
  const auto unsettled =
      restore_backup({file, folder, ground.key}, [](const auto&...) -> Result<store::Settled> {
        return fail(Errc::corrupt, "the key is another one's");
      });
  EXPECT_FALSE(unsettled);
  EXPECT_TRUE(fs::is_empty(folder));
  // One that was killed is begun anew.
  ASSERT_TRUE(make_directory(folder / kRestoring, 0700));
  ASSERT_TRUE(write_file_durably(folder / "secrets.key", "half", 0600));
  EXPECT_TRUE(restore_backup({file, folder, ground.key}, UpkeepGround::settle));
  EXPECT_EQ(bytes_of(folder / "secrets.key"), std::string(32, 'k'));
}

TEST(Upkeep, ChecksFindWhatIsLostAndWhatIsTooMuch) {
  UpkeepGround ground;
  const std::string damaged = ground.upload("one", "one");
  ground.upload("two", "two");
  const std::string unnamed = *ground.blobs.put("three");
  ground.make_old(unnamed);
  ASSERT_TRUE(write_file_durably(ground.blobs.path_of(damaged), "xxx", 0600));
  std::vector<Finding> found;
  const auto collect = [&found](const Finding& finding) {
    found.push_back(finding);
    return true;
  };
  const auto first = check_all(ground.check, {}, collect);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->faults, 1);
  EXPECT_EQ(first->notes, 1);
  EXPECT_EQ(first->blobs, 1U);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].words,
              ::testing::AllOf(HasSubstr(damaged), HasSubstr("is damaged"), HasSubstr("of one")));
  EXPECT_TRUE(fs::exists(ground.blobs.path_of(unnamed)));
  const auto repaired = check_all(ground.check, {true, true, {}}, collect);
  EXPECT_EQ(repaired->faults, 1);
  EXPECT_EQ(repaired->repaired, 1);
  EXPECT_FALSE(fs::exists(ground.blobs.path_of(unnamed)));
}

TEST(Upkeep, ChecksReadWhatBindingsKeep) {
  UpkeepGround ground;
  ground.upload("one");
  ASSERT_TRUE(ground.r2.make("aa"));
  for (const char* key : {"fine", "lost"}) {
    store::R2Put what;
    what.key = key;
    const auto writer = ground.r2.put("aa", what);
    ASSERT_TRUE(writer && (*writer)->add(key) && (*writer)->end());
  }
  const std::string name(32, 'c');
  const fs::path kv = ground.t.folder.path() / "kv";
  {
    store::kv::Files values(kv, ground.clock, {});
    ASSERT_TRUE(values.make(name));
  }
  std::vector<std::string> found;
  const auto collect = [&found](const Finding& finding) {
    found.push_back(finding.words);
    return true;
  };
  const auto whole = check_all(ground.check, {}, collect);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->faults, 0) << found.at(0);
  EXPECT_EQ(whole->spaces, 2U);
  EXPECT_EQ(whole->objects, 2U);
  EXPECT_EQ(check_all(ground.check, {false, true, [] { return false; }}, collect).error().code, Errc::timeout)
      << "it is stopped though nothing is found";
  fs::remove(fs::directory_iterator(ground.t.folder.path() / "r2/aa/blobs")->path());
  ASSERT_TRUE(write_file_durably(kv / (name + ".db"), "this was a database", 0600));
  const auto damaged = check_all(ground.check, {}, collect);
  ASSERT_TRUE(damaged) << damaged.error().message;
  EXPECT_EQ(damaged->faults, 2);
  EXPECT_EQ(damaged->objects, 1U);
  EXPECT_THAT(found, ::testing::UnorderedElementsAre(HasSubstr("kv/" + name + ".db is damaged"),
                                                     HasSubstr("in r2/aa is damaged")));
  fs::remove(ground.t.folder.path() / "r2/aa/index.db");
  found.clear();
  ASSERT_TRUE(check_all(ground.check, {}, collect));
  EXPECT_THAT(found, ::testing::Contains(HasSubstr("r2/aa/index.db is missing")));
}

TEST(Upkeep, PrunesUploadsThatNothingNamesAndNoOthers) {
  UpkeepGround ground;
  const std::string named = ground.upload("one");
  const std::string unnamed = *ground.blobs.put("two");
  const std::string young = *ground.blobs.put("three");
  const std::string again = *ground.blobs.put("four");
  for (const std::string& hash : {named, unnamed, again}) ground.make_old(hash);
  ASSERT_EQ(*ground.blobs.put("four"), again) << "somebody uploads it once more";
  const auto go_on = [] { return true; };
  EXPECT_EQ(prune_all(ground.prune, {}, true, go_on)->blobs, 1);
  {
    const BlobHold::Held held(ground.hold);
    const auto pruned = prune_all(ground.prune, {}, false, go_on);
    EXPECT_TRUE(pruned->blobs_held);
    EXPECT_EQ(pruned->blobs, 0);
  }
  const auto pruned = prune_all(ground.prune, {}, false, go_on);
  ASSERT_TRUE(pruned);
  EXPECT_EQ(pruned->blobs, 1);
  EXPECT_EQ(pruned->blob_bytes, 3U);
  EXPECT_FALSE(fs::exists(ground.blobs.path_of(unnamed)));
  for (const std::string& hash : {named, young, again}) EXPECT_TRUE(fs::exists(ground.blobs.path_of(hash)));
  EXPECT_EQ(prune_all(ground.prune, {}, false, [] { return false; }).error().code, Errc::timeout);
}

TEST(Upkeep, UploadsThatLostTheirNameStayADay) {
  UpkeepGround ground;
  const std::string blob = ground.upload("one");
  ground.make_old(blob);
  const std::vector<model::Account> accounts = *ground.t.accounts.accounts();
  ASSERT_TRUE(ground.t.workers.delete_worker(accounts[0].id, "hello", ground.t.clock.now()));
  ground.t.clock.advance(8 * kDay);
  const auto pruned = prune_all(ground.prune, {}, false, [] { return true; });
  EXPECT_EQ(pruned->deleted_workers_versions, 1);
  EXPECT_EQ(pruned->blobs, 0);
  EXPECT_TRUE(fs::exists(ground.blobs.path_of(blob)));
  ground.make_old(blob);
  EXPECT_EQ(prune_all(ground.prune, {}, false, [] { return true; })->blobs, 1);
}

TEST(PiecesOfWork, WaitForTheirReaderAndEndWithoutOne) {
  Pieces pieces([] {});
  std::thread writer([&pieces] {
    const std::string piece(std::size_t{1} << 20U, 'x');
    while (pieces.put(piece)) {
    }
    pieces.end();
  });
  EXPECT_TRUE(pieces.wanted());
  while (pieces.take().bytes.empty()) std::this_thread::yield();
  pieces.give_up();
  writer.join();
  EXPECT_FALSE(pieces.wanted());
  while (!pieces.take().end) {
  }
}

TEST(JobsOfAKind, RunOneAtATimeAndEndWithTheServer) {
  Jobs jobs;
  const auto long_work = [](Pieces& out) {
    while (out.put(std::string(std::size_t{1} << 20U, 'x'))) {
    }
  };
  const auto first = jobs.start(
      Jobs::Kind::backup, [] {}, long_work);
  ASSERT_TRUE(first);
  EXPECT_EQ(jobs.start(
                    Jobs::Kind::backup, [] {}, long_work)
                .error()
                .code,
            Errc::conflict);
  EXPECT_TRUE(jobs.start(
      Jobs::Kind::prune, [] {}, long_work));
  (*first)->give_up();
  while (!(*first)->take().end) std::this_thread::yield();
  EXPECT_TRUE(jobs.start(
      Jobs::Kind::backup, [] {}, long_work));
  jobs.stop();
  EXPECT_EQ(jobs.start(
                    Jobs::Kind::check, [] {}, long_work)
                .error()
                .code,
            Errc::unavailable);
}

}  // namespace
}  // namespace kiln::ops
