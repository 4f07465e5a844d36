// What a binding sends and what a Worker says of a batch, as bytes.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/hex.h"
#include "serving/queues/batch_frame.h"
#include "serving/queues/sent.h"
#include "testing/fake_entropy.h"

namespace kiln::serving {
namespace {

struct Sent : ::testing::Test {
  testing::FakeEntropy entropy;
  Errc code(const Result<store::NewMessage>& message) {
    return message ? Errc::internal : message.error().code;
  }
  Errc code(const Result<std::vector<store::NewMessage>>& batch) {
    return batch ? Errc::internal : batch.error().code;
  }
};

TEST_F(Sent, IsAMessageWithItsFormatAndDelay) {
  const auto plain = read_sent_message({}, "\xff\x0f", entropy);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->type, model::ContentType::v8);
  EXPECT_FALSE(plain->delay_s);
  const auto text = read_sent_message({"text", "60"}, "x", entropy);
  EXPECT_EQ(text->type, model::ContentType::text);
  EXPECT_EQ(text->delay_s, 60);
  for (const char* bad : {"-1", "86401", "1.5", "x", " 1"})
    EXPECT_EQ(code(read_sent_message({"text", bad}, "x", entropy)), Errc::invalid) << bad;
  EXPECT_EQ(code(read_sent_message({"xml", ""}, "x", entropy)), Errc::invalid);
  EXPECT_TRUE(read_sent_message({}, std::string(model::kLargestMessage, 'x'), entropy));
  EXPECT_EQ(code(read_sent_message({}, std::string(model::kLargestMessage + 1, 'x'), entropy)),
            Errc::too_large);
}

std::string batch_of(std::size_t count, std::size_t bytes) {
  boost::json::array messages;
  for (std::size_t i = 0; i < count; ++i)
    messages.push_back(boost::json::object{{"body", to_base64(std::string(bytes, 'x'))}});
  return boost::json::serialize(boost::json::object{{"messages", std::move(messages)}});
}

TEST_F(Sent, IsABatchWithinThePlatformsLimits) {
  const auto batch = read_sent_batch(
      {"", "7"}, R"({"messages":[{"body":"eA==","contentType":"text"},{"body":"","delaySecs": 3}]})",
      entropy);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 2U);
  EXPECT_EQ((*batch)[0].body, "x");
  EXPECT_EQ((*batch)[0].delay_s, 7);
  EXPECT_EQ((*batch)[1].type, model::ContentType::v8);
  EXPECT_EQ((*batch)[1].delay_s, 3);
  EXPECT_NE((*batch)[0].id, (*batch)[1].id);
  EXPECT_TRUE(read_sent_batch({}, batch_of(100, 2'560), entropy));
  EXPECT_EQ(code(read_sent_batch({}, batch_of(101, 1), entropy)), Errc::too_large);
  EXPECT_EQ(code(read_sent_batch({}, batch_of(100, 2'561), entropy)), Errc::too_large);
  EXPECT_EQ(code(read_sent_batch({}, batch_of(1, model::kLargestMessage + 1), entropy)), Errc::too_large);
  for (const char* bad :
       {"", "[]", "{}", R"({"messages":[]})", R"({"messages":[1]})", R"({"messages":[{}]})",
        R"({"messages":[{"body":"*"}]})", R"({"messages":[{"body":"","delaySecs":-1}]})",
        R"({"messages":[{"body":"","delaySecs":"1"}]})", R"({"messages":[{"body":"","contentType":"xml"}]})"})
    EXPECT_EQ(code(read_sent_batch({}, bad, entropy)), Errc::invalid) << bad;
}

struct Answered : ::testing::Test {
  store::Batch batch = [] {
    testing::FakeEntropy entropy;
    store::Batch out;
    out.queue.queue_name = "orders";
    for (const char* lease : {"a", "b", "c"})
      out.messages.push_back(
          {entropy.uuid(), std::string("body ") + lease, model::ContentType::text, 5, 1, lease});
    out.backlog = {3, 18, 5};
    return out;
  }();
  std::string id(std::size_t i) const { return to_hex(batch.messages[i].id.raw()); }
  // Leases, those that come again with their delay behind a colon.
  static std::string words(const BatchVerdict& verdict) {
    std::string out = verdict.outcome + " done";
    for (const std::string& lease : verdict.done) out += " " + lease;
    out += " again";
    for (const store::GivenBack& back : verdict.given_back)
      out += " " + back.lease + (back.delay_s ? ":" + std::to_string(*back.delay_s) : "");
    return out;
  }
};

TEST_F(Answered, ByNothingIsAllDone) {
  EXPECT_EQ(
      words(read_batch_answer(R"({"outcome":"ok","retryBatch":{"retry":false},"explicitAcks":[]})", batch)),
      "ok done a b c again");
}

TEST_F(Answered, ByEachMessageIsAsEachSays) {
  const std::string retries =
      R"("retryMessages":[{"msgId":")" + id(1) + R"(","delaySeconds":9},{"msgId":")" + id(2) + R"("}])";
  EXPECT_EQ(words(read_batch_answer(R"({"outcome":"ok",)" + retries + "}", batch)), "ok done a again b:9 c");
  EXPECT_EQ(words(read_batch_answer(R"({"outcome":"exception","explicitAcks":[")" + id(0) + R"("]})", batch)),
            "exception done a again b c");
}

TEST_F(Answered, ByTheWholeBatchIsAsThatSays) {
  EXPECT_EQ(
      words(read_batch_answer(R"({"outcome":"ok","retryBatch":{"retry":true,"delaySeconds":4}})", batch)),
      "ok done again a:4 b:4 c:4");
  EXPECT_EQ(words(read_batch_answer(R"({"outcome":"exception","ackAll":true})", batch)),
            "exception done a b c again");
  EXPECT_EQ(words(read_batch_answer(
                R"({"outcome":"ok","ackAll":true,"retryMessages":[{"msgId":")" + id(1) + R"("}]})", batch)),
            "ok done a c again b");
  EXPECT_EQ(words(read_batch_answer(R"({"outcome":"ok","retryBatch":{"retry":true,"delaySeconds":999999}})",
                                    batch)),
            "ok done again a:86400 b:86400 c:86400");
}

TEST_F(Answered, ByAnythingElseIsAFailure) {
  for (const char* bad : {"", "null", "[]", "{}", R"({"outcome":1})"})
    EXPECT_EQ(words(read_batch_answer(bad, batch)), "exception done again a b c") << bad;
}

TEST_F(Answered, TheFrameHoldsHeadAndBodies) {
  const std::string frame = batch_frame(batch);
  const std::size_t size = static_cast<unsigned char>(frame[0]) + 256U * static_cast<unsigned char>(frame[1]);
  const auto head = boost::json::parse(frame.substr(4, size)).as_object();
  EXPECT_EQ(head.at("queue").as_string(), "orders");
  EXPECT_EQ(head.at("messages").as_array().size(), 3U);
  EXPECT_EQ(head.at("metrics").at("backlogBytes").as_int64(), 18);
  EXPECT_EQ(frame.substr(4 + size), "body abody bbody c");
}

}  // namespace
}  // namespace kiln::serving
