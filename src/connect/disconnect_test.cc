#include "connect/disconnect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/memory_store.h"

namespace kiln::connect {
namespace {

using ::testing::ElementsAre;

class Disconnecting : public ::testing::Test {
 protected:
  Result<Disconnected> ask(const std::string& worker_tag) {
    const DisconnectPorts ports{
        t.connections, t.triggers, t.clock,
        [this](const model::RepoConnection& connection, const std::string& hook_id) {
          // Its credentials are there still.
          EXPECT_TRUE(t.connections.connection(connection.account_id, connection.uuid));
          left_.push_back(hook_id);
          return std::vector<std::string>{"The webhook is removed."};
        }};
    return disconnect(ports, trigger_.connection, worker_tag);
  }

  testing::TestStore t;
  model::Trigger trigger_ = t.add_trigger();
  std::vector<std::string> left_;
};

TEST_F(Disconnecting, TakesTriggersConnectionAndHook) {
  ASSERT_TRUE(t.connections.set_hook(trigger_.connection.uuid, "h1", "secret"));
  const Result<Disconnected> done = ask("");
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->triggers.size(), 1U);
  EXPECT_EQ(done->triggers[0].uuid, trigger_.uuid);
  EXPECT_TRUE(done->connection_deleted);
  EXPECT_EQ(done->hook_id, "h1");
  EXPECT_THAT(left_, ElementsAre("h1"));
  EXPECT_THAT(done->notes, ElementsAre("The webhook is removed."));
  EXPECT_TRUE(t.connections.connections(trigger_.account_id)->empty());
  EXPECT_TRUE(t.workers.worker_by_tag(trigger_.account_id, trigger_.worker_tag)) << "the Worker stays";
}

TEST_F(Disconnecting, LeavesWhatAnotherWorkerIsBuiltFrom) {
  model::Trigger other = trigger_;
  other.uuid = t.entropy.uuid();
  model::Worker worker;
  worker.account_id = trigger_.account_id;
  worker.tag = t.entropy.hex32();
  worker.name = "other";
  ASSERT_TRUE(t.workers.ensure_worker(worker));
  other.worker_tag = worker.tag;
  ASSERT_TRUE(t.triggers.add_trigger(other));
  const Result<Disconnected> done = ask(trigger_.worker_tag);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(done->connection_deleted);
  EXPECT_TRUE(left_.empty());
  EXPECT_EQ(t.triggers.triggers_of_connection(trigger_.connection.uuid)->size(), 1U);
  EXPECT_EQ(ask(trigger_.worker_tag).error().field, "script_tag") << "it is deployed from elsewhere";
  EXPECT_TRUE(ask("")->connection_deleted);
}

}  // namespace
}  // namespace kiln::connect
