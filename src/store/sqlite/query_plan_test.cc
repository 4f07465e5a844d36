// Every statement that runs while somebody waits reaches its rows through an index: a file that has grown for
// years answers as quickly as a new one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

using testing::TestStore;

// Records the text of every statement that runs on connections opened during its life.
class Recorder {
 public:
  Recorder() {
    current() = this;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Recorder::attach));
  }
  ~Recorder() {
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&Recorder::attach));
    current() = nullptr;
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  std::set<std::string> statements;

 private:
  static Recorder*& current() {
    static Recorder* recorder = nullptr;
    return recorder;
  }
  static int attach(sqlite3* handle, char** /*error*/, const void* /*api*/) {
    return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, &Recorder::note, nullptr);
  }
  static int note(unsigned /*type*/, void* /*context*/, void* statement, void* /*text*/) {
    const char* sql = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
    if (sql != nullptr && current() != nullptr) current()->statements.insert(sql);
    return 0;
  }
};

void live_through_everything(TestStore& t) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake;
  intake.provider = "github";
  intake.delivery_id = "d1";
  intake.supersede = true;
  t.add_build(trigger);
  intake.builds.push_back(t.make_build(trigger));
  intake.builds[0].secrets = {{"A", "b"}};
  ASSERT_TRUE(t.queue.enqueue(intake));
  const ClaimRequest request = t.make_claim();
  const Uuid build = t.claim_next(request).build.uuid;
  ASSERT_TRUE(t.queue.renew(build, request.lease_id, request.lease_until));
  ASSERT_TRUE(t.queue.next_lease_end());
  ASSERT_TRUE(t.queue.enter_step(build, request.lease_id, model::Step::build, 1));
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, {model::pack({{1, "x"}})}));
  ASSERT_TRUE(t.accounts.find_principal(request.token_hash, 1));
  ASSERT_TRUE(t.queue.recover(1, std::nullopt, 3));
  ASSERT_TRUE(t.queue.recover(1, "runner-1", 3));
  const ClaimRequest second = t.make_claim();
  t.claim_next(second);
  ASSERT_TRUE(t.queue.uploads(build, second.lease_id, {t.entropy.uuid()}, 1));
  ASSERT_TRUE(t.queue.finish(build, second.lease_id, model::BuildOutcome::success, 1));
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, t.add_build(trigger).uuid, 1, "x"));
  ASSERT_TRUE(t.builds.log(build, "1", 100));
  ASSERT_TRUE(t.builds.row(trigger.account_id, build));
  ASSERT_TRUE(t.triggers.trigger_in_any_state(trigger.uuid));
  ASSERT_TRUE(t.builds.build(trigger.account_id, build));
  ASSERT_TRUE(t.builds.learn_versions({}));
  ASSERT_TRUE(t.builds.builds_by_versions(trigger.account_id, {build},
                                          [](const Uuid&, const BuildRow&) { return Status(); }));
  ASSERT_TRUE(t.builds.latest_builds(trigger.account_id, {trigger.worker_tag}));
  ASSERT_TRUE(t.builds.builds_of_worker(trigger.account_id, trigger.worker_tag, {2, 1}));
  ASSERT_TRUE(t.builds.builds_of_account(trigger.account_id, {2, 1}));
  const model::DeployHook hook = t.add_deploy_hook(trigger.account_id, trigger.worker_tag);
  HookStart start{hook.uuid, trigger.account_id, trigger.worker_tag, trigger.uuid, "other"};
  ASSERT_TRUE(t.queue.look_before_hook(start, 1));
  Intake hooked;
  hooked.hook = start;
  hooked.builds.push_back(t.make_build(trigger, "other"));
  ASSERT_TRUE(t.queue.enqueue(hooked));
  ASSERT_TRUE(t.deploy_hooks.hook_by_secret(hook.uuid));
  ASSERT_TRUE(t.deploy_hooks.hooks_of_worker(trigger.account_id, trigger.worker_tag));
  ASSERT_TRUE(t.deploy_hooks.update_hook(hook));
  ASSERT_TRUE(t.deploy_hooks.delete_hook(trigger.account_id, trigger.worker_tag, hook.uuid));
  PullRequestNote note{
      trigger.connection.uuid, 7, "https://git.example/7", "main", std::string(40, '1'), true, 1, 1};
  ASSERT_TRUE(t.pull_requests.note(note, 1));
  ASSERT_TRUE(t.pull_requests.open_of_branch(trigger.connection.uuid, "main"));
  ASSERT_TRUE(t.triggers.connections_of_repo("github", "1", "octo/hello"));
  ASSERT_TRUE(t.triggers.connection_by_hook_id("x"));
  ASSERT_TRUE(t.triggers.triggers_of_connection(trigger.connection.uuid));
  ASSERT_TRUE(t.triggers.triggers_of_worker(trigger.account_id, trigger.worker_tag));
  ASSERT_TRUE(t.triggers.variables(trigger.uuid, true));
  ASSERT_TRUE(t.triggers.build_tokens(trigger.account_id, {}));
}

// The steps of a statement's plan that read a table from end to end, but for the indexes that hold live
// builds alone.
std::vector<std::string> scans_of(Connection& db, const char* explain) {
  std::vector<std::string> out;
  Query plan = db.query(explain);
  while (plan.step()) {
    const std::string step = plan.text(3);
    const bool small = step == "SCAN heads" || step == "SCAN CONSTANT ROW" ||
                       step.find("INDEX builds_live") != std::string::npos ||
                       step.find("INDEX builds_lease") != std::string::npos;
    if (step.starts_with("SCAN") && !small) out.push_back(step);
  }
  return out;
}

TEST(QueryPlans, NeverReadAWholeTable) {
  Recorder recorder;
  TestStore t;
  recorder.statements.clear();
  live_through_everything(t);
  EXPECT_GT(recorder.statements.size(), 40U);
  std::deque<std::string> explains;  // the texts are the keys of the connection's cache
  for (const std::string& sql : std::set<std::string>(recorder.statements)) {
    if (sql.starts_with("BEGIN") || sql.starts_with("COMMIT") || sql.starts_with("PRAGMA")) continue;
    explains.push_back("EXPLAIN QUERY PLAN " + sql);
  }
  ASSERT_TRUE(t.database->read([&](Connection& db) -> Status {
    for (const std::string& explain : explains) {
      EXPECT_THAT(scans_of(db, explain.c_str()), ::testing::IsEmpty()) << explain;
    }
    return {};
  }));
}

}  // namespace
}  // namespace kiln::store::sqlite
