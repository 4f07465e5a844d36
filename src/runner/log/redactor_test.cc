#include "runner/log/redactor.h"

#include <gtest/gtest.h>

#include <random>

#include "base/hex.h"

namespace kiln::runner {
namespace {

std::string in_pieces(const Secrets& secrets, std::string_view text, std::mt19937& random) {
  Redactor redactor(secrets);
  std::string out;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 1 + random() % 7);
    redactor.write(text.substr(0, size), out);
    text.remove_prefix(size);
  }
  redactor.finish(out);
  return out;
}

TEST(Redactor, MasksASecretAndLeavesTheRest) {
  const Secrets secrets({"hunter22"});
  EXPECT_EQ(secrets.mask("pw=hunter22; hunter2 hunter22hunter22!"), "pw=***; hunter2 ***!");
  EXPECT_EQ(secrets.mask(""), "");
  EXPECT_EQ(secrets.mask("hunter2"), "hunter2");
}

TEST(Redactor, MasksOverlappingSecretsWhole) {
  const Secrets secrets({"abcdef", "defghi", "bcde"});
  EXPECT_EQ(secrets.mask("xabcdefghiy"), "x***y");
  EXPECT_EQ(secrets.mask("abcd bcde"), "abcd ***");
}

TEST(Redactor, HoldsBackWhatMayBecomeASecret) {
  const Secrets secrets({"topsecret"});
  Redactor redactor(secrets);
  std::string out;
  redactor.write("say tops", out);
  EXPECT_EQ(out, "say ");
  redactor.write("ecre", out);
  EXPECT_EQ(out, "say ");
  redactor.write("t.", out);
  EXPECT_EQ(out, "say ***.");
}

TEST(Redactor, MasksEncodedForms) {
  const std::string secret = "p@ss/w\"rd+long enough=1";
  const Secrets secrets({secret});
  EXPECT_EQ(secrets.mask(to_base64(secret)), "***");
  const std::string basic = secrets.mask(to_base64("user:" + secret));
  EXPECT_EQ(from_base64(basic), std::nullopt) << basic;
  EXPECT_NE(basic.find("***"), basic.npos);
  EXPECT_LT(basic.size(), 18U) << "only the characters mixed with the neighbours may stay: " << basic;
  EXPECT_EQ(secrets.mask("?t=p%40ss%2Fw%22rd%2Blong%20enough%3D1&x"), "?t=***&x");
  EXPECT_EQ(secrets.mask(R"({"t":"p@ss/w\"rd+long enough=1"})"), R"({"t":"***"})");
}

TEST(Redactor, MasksEachLongLineOfAMultiLineSecret) {
  const Secrets secrets({"-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n"});
  EXPECT_EQ(secrets.mask("line: MIIEvQIBADANBg."), "line: ***.");
}

TEST(Redactor, LeavesVeryShortValuesAlone) {
  EXPECT_EQ(Secrets({"1", "on"}).mask("1 on 1"), "1 on 1");
}

// Whatever the cuts, the outcome is that of the uncut text, and no secret is in it.
TEST(Redactor, CutsDoNotMatter) {
  std::mt19937 random(42);
  const std::vector<std::string> values{"aabaa",
                                        "abaab",
                                        "secret-one",
                                        "cret-on",
                                        "\xC3\xBC"
                                        "ber-geheim",
                                        "bbbb"};
  const Secrets secrets(values);
  const std::string alphabet = "aabbsecrt-on \n";
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (std::size_t length = random() % 60; text.size() < length;) {
      if (random() % 6 == 0) {
        text += values[random() % values.size()];
      } else {
        text.push_back(alphabet[random() % alphabet.size()]);
      }
    }
    const std::string whole = secrets.mask(text);
    ASSERT_EQ(in_pieces(secrets, text, random), whole) << text;
    for (const std::string& value : values)
      ASSERT_EQ(whole.find(value), whole.npos) << text << " → " << whole;
  }
}

TEST(Redactor, FindsASecretWhereverItStandsAndHoweverTheStreamIsCut) {
  // Of several lengths, so that the window is that of the shortest; text made of the secrets' own beginnings.
  const std::vector<std::string> values = {"abcd", "abcabcabdabcabcabe", "xyzzyxyzzyxyzzyxyzzy"};
  for (std::size_t count = 1; count <= values.size(); ++count) {
    const Secrets secrets({values.end() - static_cast<std::ptrdiff_t>(count), values.end()});
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string left = std::string("abcabcabxyzzyxyzzy--------------------------").substr(0, before);
      const std::string text = left + " " + values.back() + " and the rest";
      const std::string masked = left + " *** and the rest";
      EXPECT_EQ(secrets.mask(text), masked);
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Redactor redactor(secrets);
        std::string out;
        redactor.write(std::string_view(text).substr(0, cut), out);
        redactor.write(std::string_view(text).substr(cut), out);
        redactor.finish(out);
        ASSERT_EQ(out, masked) << "cut at " << cut;
      }
    }
  }
}

}  // namespace
}  // namespace kiln::runner
