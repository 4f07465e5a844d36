// A queue on a test's own ground, and pushes for it. One thread, that of its test.
#pragma once

#include <gtest/gtest.h>

#include "events/local_hub.h"
#include "queue/queue.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"

namespace kiln::queue {

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() { queue_.set_api_base_url("http://127.0.0.1:1/client/v4"); }

  static Settings settings() {
    Settings settings;
    settings.concurrency = 4;
    return settings;
  }

  static model::PushEvent push_to(const std::string& branch, const std::string& delivery) {
    model::PushEvent push;
    push.provider = "git";
    push.delivery_id = delivery;
    push.ref = "refs/heads/" + branch;
    push.before = std::string(40, '1');
    push.after = std::string(40, '2');
    push.author = "Ada";
    push.changed = {true, {"a"}, 1};
    return push;
  }

  Taken take(const model::Trigger& trigger, const model::PushEvent& push) {
    const Result<Taken> taken = queue_.take_push(trigger.connection, {push}, nullptr);
    EXPECT_TRUE(taken) << taken.error().message;
    return *taken;
  }

  model::Build stored(const model::Trigger& trigger, const Uuid& uuid) {
    return store_.builds.build(trigger.account_id, uuid)->build;
  }

  testing::TestStore store_;
  events::LocalHub hub_;
  Queue queue_{stores_of(store_), hub_, store_.clock, store_.entropy, settings()};
};

}  // namespace kiln::queue
