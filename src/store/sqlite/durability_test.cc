// What the file promises: nothing acknowledged is lost when the process dies, and no secret stands in it
// readable.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/fs.h"
#include "base/hash.h"
#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

using testing::TestStore;

// The child's whole life: take builds in and acknowledge each on the pipe, until it is killed.
[[noreturn]] void enqueue_for_ever(const std::filesystem::path& file, const std::vector<Intake>& intakes,
                                   int pipe) {
  const testing::FakeClock clock;
  Result<std::unique_ptr<Database>> database = Database::open(file, clock);
  if (!database) _exit(2);
  const SecretBox box(sha256("the key of a test store"));
  testing::FakeEntropy entropy(7);
  SqliteBuildQueue queue(**database, box, entropy);
  for (const Intake& intake : intakes) {
    if (!queue.enqueue(intake)) _exit(3);
    const std::string_view uuid = intake.builds[0].build.uuid.raw();
    if (write(pipe, uuid.data(), uuid.size()) != static_cast<ssize_t>(uuid.size())) _exit(4);
  }
  while (true) pause();
}

// Reads whole uuids until the pipe ends; kills the child after `enough` of them.
std::vector<Uuid> acknowledged_until_killed(int pipe, pid_t child, std::size_t enough) {
  std::vector<Uuid> out;
  std::string pending;
  char buffer[16];
  ssize_t got = 0;
  while ((got = read(pipe, buffer, sizeof buffer)) > 0) {
    pending.append(buffer, static_cast<std::size_t>(got));
    while (pending.size() >= 16) {
      out.push_back(*Uuid::from_raw(std::string_view(pending).substr(0, 16)));
      pending.erase(0, 16);
      if (out.size() == enough) kill(child, SIGKILL);
    }
  }
  return out;
}

TEST(Durability, KillLosesNoAcknowledgedBuild) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  std::vector<Intake> intakes(2000);
  for (std::size_t i = 0; i < intakes.size(); ++i) {
    intakes[i].provider = "git";
    intakes[i].delivery_id = std::to_string(i);
    intakes[i].builds.push_back(t.make_build(trigger));
    model::Delivery& delivery = intakes[i].delivery.emplace();
    delivery.uuid = t.entropy.uuid();
    delivery.account_id = trigger.account_id;
    delivery.origin.provider = "git";
    delivery.received_on = t.clock.now();
    delivery.verdicts.resize(1);
    delivery.verdicts[0].build = intakes[i].builds[0].build.uuid;
  }
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(ends[0]);
    enqueue_for_ever(t.file(), intakes, ends[1]);
  }
  close(ends[1]);
  const std::vector<Uuid> acknowledged = acknowledged_until_killed(ends[0], child, 40);
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child gave up by itself: " << WEXITSTATUS(status);
  ASSERT_GE(acknowledged.size(), 40U);

  Result<std::unique_ptr<Database>> database = Database::open(t.file(), t.clock);
  ASSERT_TRUE(database) << database.error().message;
  SqliteBuildStore builds(**database);
  for (const Uuid& uuid : acknowledged) {
    ASSERT_TRUE(builds.build(trigger.account_id, uuid)) << uuid.str();
  }
  // Each build has its delivery, and each delivery its build, whatever was being written.
  SqliteDeliveryStore deliveries(**database);
  for (const Intake& intake : intakes) {
    const auto kept = deliveries.delivery(trigger.account_id, intake.delivery->uuid);
    const bool built = builds.build(trigger.account_id, intake.builds[0].build.uuid).has_value();
    ASSERT_EQ(kept.has_value(), built) << intake.delivery_id;
    if (built) {
      ASSERT_EQ(kept->verdicts.at(0).build, intake.builds[0].build.uuid);
    }
  }
  // A delivery that comes again, because its acknowledgement was lost, makes no second build.
  SqliteBuildQueue queue(**database, t.box, t.entropy);
  const std::size_t before = builds.builds_of_account(trigger.account_id, {})->total;
  EXPECT_TRUE(queue.enqueue(intakes[0])->duplicate);
  EXPECT_EQ(builds.builds_of_account(trigger.account_id, {})->total, before);
}

// Every byte of the database and its journal.
std::string bytes_on_disk(const TestStore& t) {
  std::string out;
  for (const auto& entry : std::filesystem::directory_iterator(t.folder.path())) {
    out += *read_file(entry.path(), std::size_t{64} << 20U);
  }
  return out;
}

TEST(Durability, NoSecretIsReadableInTheFile) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  t.add_build_token(trigger.account_id, "needle-build-token");
  ASSERT_TRUE(t.connections.set_hook(trigger.connection.uuid, "hook-id-is-no-secret", "needle-hook-secret"));
  ASSERT_TRUE(t.triggers.upsert_variables(trigger.uuid, {{"KEY", "needle-variable", true, 1}}, 64));
  model::ApiToken token;
  token.id = t.entropy.uuid();
  token.account_id = trigger.account_id;
  token.name = "ci";
  token.permissions = model::Permissions::all();
  ASSERT_TRUE(t.accounts.add_token(token, sha256("needle-api-token")));
  Intake intake;
  intake.builds.push_back(t.make_build(trigger));
  intake.builds[0].secrets = {{"KEY", "needle-variable"}};
  intake.builds[0].build.metadata.environment = {{"KEY", "needle-variable", true, 1}};
  ASSERT_TRUE(t.queue.enqueue(intake));
  ClaimRequest request = t.make_claim();
  request.token_hash = sha256("needle-minted-token");
  EXPECT_EQ(t.claim_next(request).secrets.at("KEY"), "needle-variable");
  const std::string disk = bytes_on_disk(t);
  EXPECT_NE(disk.find("hook-id-is-no-secret"), std::string::npos);
  EXPECT_EQ(disk.find("needle"), std::string::npos);
}

TEST(Durability, TheSealedSecretsOfABuildThatIsOverAreErased) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  const auto kept = [&] {
    std::int64_t count = -1;
    EXPECT_TRUE(t.database->read([&](Connection& db) -> Status {
      Query row = db.query(
          "SELECT count(*) FROM builds WHERE secrets_sealed IS NOT NULL OR api_token_hash IS NOT NULL "
          "OR lease_until IS NOT NULL");
      if (row.step()) count = row.integer(0);
      return {};
    }));
    return count;
  };
  Intake intake;
  intake.supersede = true;
  for (const char* branch : {"finished", "cancelled", "lost", "superseded"}) {
    intake.builds.push_back(t.make_build(trigger, branch));
    intake.builds.back().secrets = {{"KEY", "value"}};
  }
  ASSERT_TRUE(t.queue.enqueue(intake));
  EXPECT_EQ(kept(), 4);
  const ClaimRequest first = t.make_claim();
  ASSERT_TRUE(t.queue.finish(t.claim_next(first).build.uuid, first.lease_id, model::BuildOutcome::fail));
  const Uuid cancelled = t.claim_next(t.make_claim()).build.uuid;
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, cancelled, "x"));
  t.claim_next(t.make_claim());
  ASSERT_TRUE(t.queue.recover("runner-1", 1));
  intake.builds = {t.make_build(trigger, "superseded")};
  EXPECT_EQ(t.queue.enqueue(intake)->superseded.size(), 1U);
  EXPECT_EQ(kept(), 0);
}

TEST(Database, RefusesAFileThatIsNone) {
  testing::TempDir folder;
  const std::filesystem::path file = folder.path() / "kiln.db";
  ASSERT_TRUE(write_file_durably(file, std::string(8192, 'x'), 0600));
  const Result<std::unique_ptr<Database>> refused = Database::open(file, testing::FakeClock());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::corrupt);
}

TEST(Database, RefusesAFileOfANewerKiln) {
  TestStore t;
  ASSERT_TRUE(t.database->write([](Connection& db) -> Status {
    db.query("INSERT INTO migrations (number, name) VALUES (1000, 'from the future')").run();
    return {};
  }));
  EXPECT_EQ(Database::open(t.file(), t.clock).error().code, Errc::conflict);
}

}  // namespace
}  // namespace kiln::store::sqlite
