#include "base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log_line.h"

namespace kiln::log {
namespace {

TEST(QuotedValue, EndsWhereItEndsAndBeginsNoKey) {
  EXPECT_EQ(quoted("plain"), R"("plain")");
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("a b=c"), R"("a b=c")");
  EXPECT_EQ(quoted(R"(x" outcome="success)"), R"("x\" outcome=\"success")");
  EXPECT_EQ(quoted("a\\"), R"("a\\")");
  EXPECT_EQ(quoted("one\ntwo\r\tthree"), R"("one\ntwo\r\tthree")");
  EXPECT_EQ(quoted(std::string_view("\x1b[2J\0\x7f", 6)), R"("\u001b[2J\u0000\u007f")");
  EXPECT_EQ(quoted("größer"), "\"größer\"");
}

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(LogLine, TakesFieldsFromBothEnds) {
  Line line = take_apart("listening url=http://127.0.0.1:1/ data_dir=/a");
  EXPECT_EQ(line.words, "listening");
  EXPECT_EQ(line.fields, (Fields{{"url", "http://127.0.0.1:1/"}, {"data_dir", "/a"}}));
  line = take_apart("build=7 attempt=2 starts in slot=0");
  EXPECT_EQ(line.words, "starts in");
  EXPECT_EQ(line.fields, (Fields{{"build", "7"}, {"attempt", "2"}, {"slot", "0"}}));
  line = take_apart("runner=embedded slots=1 ready");
  EXPECT_EQ(line.words, "ready");
  EXPECT_EQ(take_apart("nothing but words").words, "nothing but words");
  EXPECT_EQ(take_apart("").words, "");
}

TEST(LogLine, KeepsValuesAsTheyAreMeant) {
  const std::string meant = "a \"b\" \\ c=d\ne\x01";
  const Line line = take_apart("stays reason=" + log::quoted(meant) + " count=1");
  EXPECT_EQ(line.words, "stays");
  EXPECT_EQ(line.fields, (Fields{{"reason", meant}, {"count", "1"}}));
}

TEST(LogLine, TakesNoFieldFromOtherPeoplesWords) {
  for (const char* text : {"refused: outcome=success", "git said: x build=1", "half a value reason=\"x",
                           "words key = value", "Key=1 is none"}) {
    EXPECT_EQ(take_apart(text).words + (take_apart(text).fields.empty() ? "" : "!"), text);
  }
}

TEST(LogLine, IsLogfmtOrJson) {
  const Fields fields = {{"msg", "two words"}, {"n", "1"}, {"empty", ""}, {"q", "a\"b\n"}};
  EXPECT_EQ(as_logfmt(fields), R"(msg="two words" n=1 empty="" q="a\"b\n")");
  EXPECT_EQ(as_json(fields), R"({"msg":"two words","n":"1","empty":"","q":"a\"b\n"})");
  EXPECT_EQ(as_json({{"bad", "\xff"}}), "{\"bad\":\"\xEF\xBF\xBD\"}");
}

std::string written(Level level, std::string_view line) {
  ::testing::internal::CaptureStderr();
  write(level, line);
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, IsOneLineWhateverIsInIt) {
  start("kiln-test", Level::info);
  const std::string said = written(Level::info, "refused: one\n2030-01-01T00:00:00.000Z error kiln: forged");
  EXPECT_NE(said.find(R"( level=info program=kiln-test msg="refused: one\n2030-01-01)"), std::string::npos)
      << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
}

TEST(Log, NamesTheRequestOfItsThreadAndNoOther) {
  start("kiln-test", Level::info);
  {
    const RequestScope outer("one");
    {
      const RequestScope inner("two");
      EXPECT_NE(written(Level::info, "x").find(" request=two"), std::string::npos);
    }
    EXPECT_NE(written(Level::info, "x").find(" request=one"), std::string::npos);
  }
  EXPECT_EQ(written(Level::info, "x").find("request="), std::string::npos);
}

TEST(Log, ItsLevelChangesWhileItRuns) {
  start("kiln-test", Level::warn, Format::json);
  EXPECT_EQ(written(Level::info, "x"), "");
  set_level(Level::debug);
  EXPECT_NE(written(Level::debug, "x k=v").find(R"("msg":"x","k":"v"})"), std::string::npos);
  start("kiln-test", Level::info);
}

}  // namespace
}  // namespace kiln::log
