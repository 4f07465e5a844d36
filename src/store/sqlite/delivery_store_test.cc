// How many deliveries of an account stay, seen from within, since ten thousand take too long to come.
#include "store/sqlite/delivery_store.h"

#include <gtest/gtest.h>

#include "store/sqlite/delivery_rows.h"
#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

class DeliveryCount : public ::testing::Test {
 protected:
  Uuid keep(const std::string& key, model::SignatureResult signature = model::SignatureResult::verified) {
    model::Delivery delivery;
    delivery.uuid = t_.entropy.uuid();
    delivery.account_id = account_;
    delivery.connection = connection_;
    delivery.origin = {"github", key, "push", signature};
    delivery.received_on = t_.clock.now();
    EXPECT_TRUE(t_.database->write([&](Connection& db) -> Status {
      keep_delivery(db, delivery, key, t_.clock.now());
      return {};
    }));
    return delivery.uuid;
  }

  // As if that many had come meanwhile.
  void pass(std::int64_t deliveries) {
    EXPECT_TRUE(t_.database->write([&](Connection& db) -> Status {
      db.query(
            "UPDATE deliveries SET ordinal = ordinal + ? WHERE number = (SELECT max(number) FROM deliveries)")
          .bind(deliveries)
          .run();
      return {};
    }));
  }

  [[nodiscard]] bool is_kept(const Uuid& uuid) { return t_.deliveries.delivery(account_, uuid).has_value(); }

  testing::TestStore t_;
  std::string account_ = t_.add_account().id;
  Uuid connection_ = t_.entropy.uuid();
};

TEST_F(DeliveryCount, TheOldestBeyondTheMostGoes) {
  const Uuid first = keep("1");
  const Uuid second = keep("2");
  pass(kMostDeliveries - 2);
  EXPECT_TRUE(is_kept(first));
  const Uuid third = keep("3");
  EXPECT_FALSE(is_kept(first));
  EXPECT_TRUE(is_kept(second) && is_kept(third));
}

TEST_F(DeliveryCount, WhatNobodyHasConnectedPushesNothingElseOut) {
  const Uuid connected = keep("1");
  pass(kMostDeliveries - 1);
  connection_ = Uuid();
  const Uuid first = keep("u0");
  Uuid last = first;
  for (std::int64_t i = 1; i <= kMostUnconnected; ++i) last = keep("u" + std::to_string(i));
  EXPECT_TRUE(is_kept(connected));
  EXPECT_FALSE(is_kept(first));
  EXPECT_TRUE(is_kept(last));
}

TEST_F(DeliveryCount, NoStrangerPushesOthersOut) {
  const Uuid first = keep("1");
  keep("2");
  pass(kMostDeliveries - 2);
  for (int i = 0; i < 30; ++i) keep("", model::SignatureResult::refused);
  EXPECT_TRUE(is_kept(first)) << "what was refused is counted for itself";
}

}  // namespace
}  // namespace kiln::store::sqlite
