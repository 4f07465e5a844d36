// What is kept of what hooks bring, let in or refused.
#include "api/hooks/hooks_for_test.h"

namespace kiln::api {
namespace {

TEST_F(HooksTest, KeepsADeliveryUnderTheIdThatTheHostShows) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  deliver(push_body("42", "acme/shop"), "s3cret", "guid-1");
  deliver(push_body("42", "acme/shop"), "s3cret", "guid-1");
  const std::vector<model::Delivery> kept = deliveries_of(trigger);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].origin,
            (model::DeliveryOrigin{"github", "guid-1", "push", model::SignatureResult::verified}));
  EXPECT_EQ(kept[0].repeated, 1);
  EXPECT_EQ(kept[0].refs.at(0).after, kNew);
  EXPECT_EQ(kept[0].verdicts.at(0).decision, model::Decision::built);
}

TEST_F(HooksTest, KeepsWhatWasSignedAndAsksForNothingOrCannotBeRead) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  const std::string ping = R"({"repository":{"id":42,"full_name":"acme/shop"}})";
  EXPECT_EQ(deliver(ping, "s3cret", "guid-1", "ping").status, 200);
  EXPECT_EQ(deliver(ping, "s3cret", "guid-2", "push").status, 400);
  const std::vector<model::Delivery> kept = deliveries_of(trigger);
  ASSERT_EQ(kept.size(), 1U) << "one body is one delivery";
  EXPECT_EQ(kept[0].repeated, 1);
  EXPECT_EQ(kept[0].origin.event, "ping");
  EXPECT_EQ(kept[0].notes.at(0).substr(0, 21), "it could not be read:");
}

TEST_F(HooksTest, KeepsARefusedSignatureOfAConnectedRepositoryAndNothingOfItsBody) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "guess", "guid-1").status, 401);
  EXPECT_EQ(deliver(push_body("43", "acme/other"), "guess", "guid-2").status, 401);
  EXPECT_TRUE(deliveries_of(trigger).empty()) << "a stranger does not wait for the disk";
  refused_.write();
  const std::vector<model::Delivery> kept = deliveries_of(trigger);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].origin,
            (model::DeliveryOrigin{"github", "guid-1", "push", model::SignatureResult::refused}));
  EXPECT_TRUE(kept[0].refs.empty() && kept[0].verdicts.empty());
  EXPECT_EQ(kept[0].notes.size(), 1U);
  for (int i = 0; i < 1'000; ++i) deliver(push_body("42", "acme/shop"), "guess", "guid-3");
  refused_.write();
  EXPECT_EQ(deliveries_of(trigger).size(), store::kMostRefusedDeliveries);
}

TEST_F(HooksTest, KeepsAReportWithAWrongSecretToo) {
  const model::Trigger trigger = connect(store_.add_account().id, "git", "local", "s3cret");
  EXPECT_EQ(report(trigger, "guess", push_report("refs/heads/main")).status, 401);
  refused_.write();
  ASSERT_EQ(deliveries_of(trigger).size(), 1U);
  EXPECT_EQ(deliveries_of(trigger)[0].origin.signature, model::SignatureResult::refused);
  EXPECT_EQ(report(trigger, "s3cret", push_report("refs/tags/v1")).status, 200);
  const model::Delivery tag = deliveries_of(trigger).front();
  EXPECT_EQ(tag.origin, (model::DeliveryOrigin{"git", "d1", "push", model::SignatureResult::hook_secret}));
  EXPECT_EQ(tag.verdicts.at(0).rule, "refs/tags/v1 is not a branch");
}

}  // namespace
}  // namespace kiln::api
