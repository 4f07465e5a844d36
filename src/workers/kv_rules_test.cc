#include "workers/kv_rules.h"

#include <gtest/gtest.h>

#include "workers/kv_bulk_get.h"

namespace kiln::workers {
namespace {

constexpr TimeMs kKvNow = 1'700'000'000'123;

std::string words_of(const Status& status) {
  return status ? "fine" : status.error().message;
}

TEST(KvRules, TakeKeysOfTheHostedPlatform) {
  EXPECT_TRUE(check_kv_key("a/../b"));
  EXPECT_TRUE(check_kv_key(std::string(512, 'k')));
  EXPECT_EQ(words_of(check_kv_key("")), "Key names must not be empty");
  EXPECT_EQ(words_of(check_kv_key("..")), "Illegal key name \"..\". Please use a different name.");
  EXPECT_EQ(words_of(check_kv_key(std::string(513, 'k'))),
            "UTF-8 encoded length of 513 exceeds key length limit of 512.");
  EXPECT_FALSE(check_kv_key("\xff"));
}

TEST(KvRules, BoundValuesAndMetadata) {
  const auto entry = [](const std::string& value, const std::string& metadata) {
    return words_of(check_kv_entry({{"k", metadata, {}}, value}));
  };
  EXPECT_EQ(entry(std::string(25 << 20, 'v'), R"({"a":[1]})"), "fine");
  EXPECT_EQ(entry(std::string((25 << 20) + 1, 'v'), ""),
            "Value length of 26214401 exceeds limit of 26214400.");
  EXPECT_EQ(entry("", "{"), "Metadata must be valid JSON.");
  EXPECT_EQ(entry("", '"' + std::string(1023, 'm') + '"'), "Metadata length of 1025 exceeds limit of 1024.");
}

TEST(KvRules, CountTheEndInSecondsAndNotBelowAMinute) {
  const auto end = [](std::optional<std::string> ttl, std::optional<std::string> at) -> std::string {
    const auto found = kv_end(ttl, at, kKvNow);
    if (!found) return found.error().message;
    return *found ? std::to_string(**found) : "never";
  };
  EXPECT_EQ(end({}, {}), "never");
  EXPECT_EQ(end("60", {}), "1700000060000");
  EXPECT_EQ(end("59", {}), "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.");
  EXPECT_EQ(end("-1", {}), "Invalid expiration_ttl of -1. Please specify integer greater than 0.");
  EXPECT_EQ(end("1e3", {}), "Invalid expiration_ttl of 1e3. Please specify integer greater than 0.");
  EXPECT_EQ(end({}, "1700000060"), "1700000060000");
  EXPECT_EQ(end({}, "1700000059"),
            "Invalid expiration of 1700000059. Expiration times must be at least 60 seconds in the future.");
  EXPECT_NE(end({}, "1600000000").find("greater than the current number of seconds"), std::string::npos);
  EXPECT_NE(end({}, "99999999999999999999").find("Invalid expiration"), std::string::npos);
  EXPECT_EQ(end("60", "junk"), "1700000060000") << "the lifetime counts";
}

TEST(KvBulkGet, ReadsWhatTheBindingSends) {
  const auto read = read_kv_bulk_get(R"({"keys":["a","b"],"type":"json","withMetadata":true})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->keys, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(read->as_json && read->with_metadata);
  for (const char* bad : {"", "[]", R"({"keys":[]})", R"({"keys":[1]})", R"({"keys":["a"],"type":"stream"})",
                          R"({"keys":[""]})"}) {
    EXPECT_FALSE(read_kv_bulk_get(bad)) << bad;
  }
}

TEST(KvBulkGet, AnswersEachKeyOnce) {
  const KvBulkGet text{{"a", "none"}, false, false};
  EXPECT_EQ(boost::json::value(*kv_bulk_answer(text, {store::KvEntry{{"a", "", {}}, "1"}, std::nullopt})),
            boost::json::value({{"a", "1"}, {"none", nullptr}}));
  const KvBulkGet all{{"a"}, true, true};
  EXPECT_EQ(boost::json::value(*kv_bulk_answer(all, {store::KvEntry{{"a", "[2]", {}}, "{\"b\":1}"}})),
            boost::json::value({{"a", {{"value", {{"b", 1}}}, {"metadata", boost::json::array{2}}}}}));
  EXPECT_FALSE(kv_bulk_answer(all, {store::KvEntry{{"a", "", {}}, "not json"}}));
}

}  // namespace
}  // namespace kiln::workers
