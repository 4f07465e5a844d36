#include <gtest/gtest.h>

#include "model/r2_rules.h"

namespace kiln::model {
namespace {

using Kind = R2Etag::Kind;

R2Object there() {
  R2Object object;
  object.etag = "e1";
  object.uploaded = 5'500;
  return object;
}

TEST(R2Conditions, CompareEtags) {
  const R2Object object = there();
  R2Conditions matches;
  matches.etag_matches = {{Kind::strong, "e0"}, {Kind::strong, "e1"}};
  EXPECT_TRUE(r2_holds(matches, &object));
  EXPECT_FALSE(r2_holds(matches, nullptr)) << "nothing matches what is not there";
  matches.etag_matches = {{Kind::weak, "e1"}};
  EXPECT_FALSE(r2_holds(matches, &object)) << "a weak one never matches strongly";
  R2Conditions differs;
  differs.etag_does_not_match = {{Kind::weak, "e1"}};
  EXPECT_FALSE(r2_holds(differs, &object));
  differs.etag_does_not_match = {{Kind::wildcard, ""}};
  EXPECT_FALSE(r2_holds(differs, &object)) << "put only where there is none";
  EXPECT_TRUE(r2_holds(differs, nullptr));
}

TEST(R2Conditions, CompareTimesWhichEtagsOutrank) {
  const R2Object object = there();
  R2Conditions conditions;
  conditions.uploaded_before = 5'501;
  EXPECT_TRUE(r2_holds(conditions, &object));
  conditions.uploaded_before = 5'500;
  EXPECT_FALSE(r2_holds(conditions, &object));
  conditions.etag_matches = {{Kind::strong, "e1"}};
  EXPECT_TRUE(r2_holds(conditions, &object)) << "the etag is the better witness";
  R2Conditions after;
  after.uploaded_after = 5'100;
  EXPECT_TRUE(r2_holds(after, &object));
  after.whole_seconds = true;
  EXPECT_FALSE(r2_holds(after, &object)) << "of the same second";
  EXPECT_FALSE(r2_holds(after, nullptr));
}

TEST(R2Ranges, AreCutAtTheEnd) {
  EXPECT_EQ(*r2_span({}, 10), (R2Span{0, 10}));
  EXPECT_EQ(*r2_span({}, 0), (R2Span{0, 0}));
  EXPECT_EQ(*r2_span({4, {}, {}}, 10), (R2Span{4, 6}));
  EXPECT_EQ(*r2_span({4, 100, {}}, 10), (R2Span{4, 6}));
  EXPECT_EQ(*r2_span({{}, 3, {}}, 10), (R2Span{0, 3}));
  EXPECT_EQ(*r2_span({{}, {}, 3}, 10), (R2Span{7, 3}));
  EXPECT_EQ(*r2_span({{}, {}, 30}, 10), (R2Span{0, 10}));
  EXPECT_FALSE(r2_span({10, {}, {}}, 10));
  EXPECT_FALSE(r2_span({11, 1, {}}, 10));
  EXPECT_FALSE(r2_span({0, 0, {}}, 10));
  EXPECT_FALSE(r2_span({{}, {}, 0}, 10));
  EXPECT_EQ(r2_span({UINT64_MAX, UINT64_MAX, {}}, 10).error().field, kR2Range);
}

TEST(R2Ranges, AreReadFromHeaders) {
  const auto span = [](std::string_view header) {
    const std::optional<R2Range> range = read_r2_range(header);
    return range ? *r2_span(*range, 100) : R2Span{0, 0};
  };
  EXPECT_EQ(span("bytes=0-9"), (R2Span{0, 10}));
  EXPECT_EQ(span("Bytes=90-"), (R2Span{90, 10}));
  EXPECT_EQ(span("bytes=-7"), (R2Span{93, 7}));
  for (const char* none : {"bytes=", "bytes=-", "bytes=1-0", "bytes=0-1,3-4", "items=0-1", "bytes=a-b",
                           "bytes=0-18446744073709551615"})
    EXPECT_FALSE(read_r2_range(none)) << none;
}

TEST(R2Buckets, HaveNamesOfTheHostedPlatform) {
  for (const char* name : {"abc", "my-bucket-1", "0a0"}) EXPECT_TRUE(is_r2_bucket_name(name)) << name;
  for (const char* name : {"ab", "-abc", "abc-", "Abc", "a_b", "a.b.c", "../../etc", ""})
    EXPECT_FALSE(is_r2_bucket_name(name)) << name;
  EXPECT_FALSE(is_r2_bucket_name(std::string(64, 'a')));
  EXPECT_NE(r2_bucket_id("a", "bucket"), r2_bucket_id("b", "bucket"));
}

TEST(R2Objects, HaveKeysAndMetadataThatFit) {
  EXPECT_TRUE(check_r2_key(std::string(1024, 'k')));
  EXPECT_FALSE(check_r2_key(std::string(1025, 'k')));
  EXPECT_FALSE(check_r2_key(""));
  EXPECT_FALSE(check_r2_key("\xff"));
  R2About about;
  about.custom = {{"name", std::string(8188, 'v')}};
  EXPECT_TRUE(check_r2_about(about));
  about.custom.emplace_back("x", "");
  EXPECT_EQ(check_r2_about(about).error().field, kR2Metadata);
}

}  // namespace
}  // namespace kiln::model
