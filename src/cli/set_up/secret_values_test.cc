#include "cli/set_up/secret_values.h"

#include <gtest/gtest.h>

namespace kiln::cli {
namespace {

SecretValues values_in(const std::string& text) {
  return {read_secret_values(text).value(), nullptr};
}

TEST(SecretValues, AreLinesOrAnObject) {
  const auto lines = read_secret_values("# mine\n\nA=1\r\n shop/B = x=y\n");
  ASSERT_TRUE(lines);
  EXPECT_EQ(*lines, (std::map<std::string, std::string>{{"A", "1"}, {"shop/B", " x=y"}}));
  EXPECT_EQ(read_secret_values(" {\"A\":\"1\\n2\"}").value().at("A"), "1\n2");
}

TEST(SecretValues, SayWhichLineIsNoneAndNotWhatStandsInIt) {
  const auto wrong = read_secret_values("A=1\nhunter2\n");
  EXPECT_EQ(wrong.error().message, "line 2 of the secrets is not NAME=VALUE");
  EXPECT_EQ(read_secret_values("{\"A\":1}").error().message, "the secret A is no text");
  EXPECT_FALSE(read_secret_values("{nonsense"));
  EXPECT_FALSE(read_secret_values("A=\xff"));
}

TEST(SecretValues, ArePickedByTheWholeNameTheWorkersOrTheLastPart) {
  SecretValues values = values_in("KEY=any\nshop/KEY=shop's\nshop/Deploy main/KEY=main's\nEMPTY=\n");
  EXPECT_EQ(values.of("shop/Deploy main/KEY").value(), "main's");
  EXPECT_EQ(values.of("shop/Other branches/KEY").value(), "shop's");
  EXPECT_EQ(values.of("blog/KEY").value(), "any");
  EXPECT_EQ(values.of("blog/OTHER").value(), std::nullopt);
  EXPECT_FALSE(values.has("blog/EMPTY"));
}

}  // namespace
}  // namespace kiln::cli
