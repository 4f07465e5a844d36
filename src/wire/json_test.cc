#include "wire/json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace kiln::wire {
namespace {

std::string refusal(std::string_view text) {
  const Result<boost::json::value> value = parse_json(text);
  return value ? "accepted" : value.error().message;
}

TEST(StrictJson, SaysWhereItStopsBeingJson) {
  EXPECT_NE(refusal("{\n  \"a\": nope}").find("not JSON at line 2, column"), std::string::npos);
  EXPECT_NE(refusal("{} x").find("line 1"), std::string::npos);
  EXPECT_NE(refusal("").find("empty"), std::string::npos);
  EXPECT_NE(refusal("{\"a\":\"\xff\"}").find("not JSON"), std::string::npos);
}

TEST(StrictJson, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(refusal(R"({"a":1,"b":{"a":2},"a":3})"),
            "Invalid request body: the key \"a\" stands twice in one object");
  EXPECT_EQ(refusal(R"({"a":{"x":1},"b":{"x":1}})"), "accepted");
  EXPECT_NE(refusal(R"({"a":1,"\u0061":2})"), "accepted") << "an escaped spelling is the same key";
}

TEST(StrictJson, BoundsNesting) {
  EXPECT_EQ(refusal(std::string(32, '[') + std::string(32, ']')), "accepted");
  EXPECT_NE(refusal(std::string(33, '[') + std::string(33, ']')).find("deeper than 32"), std::string::npos);
}

TEST(Fields, NameTheFirstThingAtFault) {
  const boost::json::object object = {{"name", ""}, {"list", {"ok", 7}}, {"flag", "yes"}};
  Fields fields(object);
  EXPECT_EQ(fields.required_text("name", {1, 10, false}), "");
  ASSERT_FALSE(fields.status());
  EXPECT_EQ(fields.status().error().field, "name");
  EXPECT_EQ(fields.status().error().message, "Invalid request body: name must not be empty");

  Fields list(object);
  EXPECT_FALSE(list.optional_list("list", 5, {}));
  EXPECT_EQ(list.status().error().field, "list[1]");

  Fields flag(object);
  EXPECT_FALSE(flag.optional_bool("flag"));
  EXPECT_EQ(flag.status().error().message, "Invalid request body: flag must be true or false");

  Fields missing(object);
  EXPECT_TRUE(missing.required_list("none", 5, {}).empty());
  EXPECT_EQ(missing.status().error().message, "Invalid request body: none is required");
}

TEST(Fields, TakeOneTextForAListOfIt) {
  const boost::json::object object = {{"one", "main"}, {"none", 7}};
  Fields fields(object);
  EXPECT_EQ(fields.required_list("one", 5, {}), std::vector<std::string>{"main"});
  EXPECT_TRUE(fields.status());
  EXPECT_FALSE(fields.optional_list("none", 5, {}));
  EXPECT_EQ(fields.status().error().field, "none");
}

TEST(Fields, TakeNullForAbsentAndKnowWhatTheyWereNotAsked) {
  const boost::json::object object = {{"a", nullptr}, {"b", "x"}, {"c", 1}};
  Fields fields(object);
  EXPECT_FALSE(fields.optional_text("a", {}));
  EXPECT_EQ(fields.optional_text("b", {}), "x");
  EXPECT_TRUE(fields.status());
  EXPECT_EQ(fields.unknown(), (std::vector<std::string>{"c"}));
}

TEST(Fields, TakeWholeNumbersWithinTheirBounds) {
  const boost::json::object object = {{"seven", 7}, {"half", 0.5}, {"text", "7"}, {"none", nullptr}};
  Fields fields(object);
  EXPECT_EQ(fields.optional_integer("seven", 0, 7), 7);
  EXPECT_EQ(fields.optional_integer("none", 0, 7), std::nullopt);
  EXPECT_TRUE(fields.status());
  for (const auto& [name, most] : {std::pair{"seven", 6}, {"half", 7}, {"text", 7}}) {
    Fields one(object);
    EXPECT_EQ(one.optional_integer(name, 0, most), std::nullopt) << name;
    EXPECT_EQ(one.status().error().field, name);
  }
}

TEST(Fields, RefuseControlCharactersAndLength) {
  const boost::json::object object = {{"a", "x\ny"}, {"b", "x\x01"}, {"long", std::string(11, 'x')}};
  Fields one(object);
  EXPECT_EQ(one.optional_text("a", {0, 10, true}), "x\ny");
  EXPECT_FALSE(one.optional_text("a", {0, 10, false}));
  Fields two(object);
  EXPECT_FALSE(two.optional_text("b", {0, 10, true}));
  EXPECT_FALSE(two.optional_text("long", {0, 10, true}));
}

}  // namespace
}  // namespace kiln::wire
